// What a push with receipts costs on etcd: one key that every host watches, and one key that each
// host puts back. Hosts are goroutines of this process that share a few connections, which costs
// the server less than a connection each.
package main

import (
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"sort"
	"strings"
	"sync"
	"time"

	"go.etcd.io/etcd/clientv3"
	"go.etcd.io/etcd/etcdserver/api/v3rpc/rpctypes"
)

var (
	endpoint    = flag.String("endpoint", "http://127.0.0.1:2379", "where etcd serves clients")
	hosts       = flag.Int("hosts", 10000, "that watch and put back")
	connections = flag.Int("connections", 50, "that the hosts share")
	rounds      = flag.Int("rounds", 9, "pushes that are measured")
	limit       = flag.Duration("limit", 60*time.Second, "for one round")
)

const (
	desired  = "/desired/motd"
	receipts = "/applied/"
	pause    = 10 * time.Millisecond // until a host asks again that the server had no room for
)

func check(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, "etcd_push:", err)
		os.Exit(1)
	}
}

func dial() *clientv3.Client {
	client, err := clientv3.New(clientv3.Config{Endpoints: []string{*endpoint}, DialTimeout: 5 * time.Second})
	check(err)
	return client
}

// host puts a receipt of 20 bytes back for every version of the desired value.
func host(client *clientv3.Client, number int, ready *sync.WaitGroup) {
	key := fmt.Sprintf("%s%05d", receipts, number)
	watch := client.Watch(context.Background(), desired, clientv3.WithCreatedNotify())
	for response := range watch {
		if response.Created {
			ready.Done()
			continue
		}
		for _, event := range response.Events {
			receipt := fmt.Sprintf("%020d", event.Kv.Version)
			_, err := client.Put(context.Background(), key, receipt)
			for ; err == rpctypes.ErrTooManyRequests; _, err = client.Put(context.Background(), key, receipt) {
				time.Sleep(pause)
			}
			check(err)
		}
	}
}

// push returns the time from the put until the receipts of all hosts were seen.
func push(client *clientv3.Client, seen clientv3.WatchChan) time.Duration {
	start := time.Now()
	_, err := client.Put(context.Background(), desired, strings.Repeat("x", 100))
	check(err)
	deadline := time.After(*limit)
	for missing := *hosts; missing > 0; {
		select {
		case response := <-seen:
			missing -= len(response.Events)
		case <-deadline:
			check(fmt.Errorf("%d receipts are missing after %s", missing, *limit))
		}
	}
	return time.Since(start)
}

func main() {
	flag.Parse()
	var ready sync.WaitGroup
	ready.Add(*hosts)
	for connection := 0; connection < *connections; connection++ {
		client := dial()
		for number := connection; number < *hosts; number += *connections {
			go host(client, number, &ready)
		}
	}
	ready.Wait()
	operator := dial()
	seen := operator.Watch(context.Background(), receipts, clientv3.WithPrefix())
	push(operator, seen) // opens what is opened once
	times := make([]float64, 0, *rounds)
	for round := 0; round < *rounds; round++ {
		times = append(times, float64(push(operator, seen).Microseconds())/1000)
	}
	sort.Float64s(times)
	check(json.NewEncoder(os.Stdout).Encode(map[string]interface{}{
		"hosts": *hosts, "rounds": *rounds, "median_ms": times[len(times)/2], "longest_ms": times[len(times)-1],
	}))
}
