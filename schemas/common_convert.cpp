// What messages, statements and rows share: types.capnp.
#include "schemas/convert.h"

namespace coppice::wire {

std::vector<std::string> read_texts(Texts::Reader in, ListBound bound, const char* name) {
    return list(in, bound.count_max, name,
                [&](capnp::Text::Reader one) { return text(one, bound.bytes_max, name); });
}

Labels read_labels(LabelList::Reader in, std::size_t count_max) {
    check_count(in, count_max, "the list of labels");
    Labels labels;
    for (const schema::Label::Reader label : in)
        labels.emplace(text(label.getKey(), limits::label_key_bytes_max, "the key of a label"),
                       text(label.getValue(), limits::label_value_bytes_max, "a label"));
    return labels;
}

std::vector<Measurement> read_measurements(MeasurementList::Reader in, std::size_t count_max) {
    return list(in, count_max, "the list of measurements", [](schema::Measurement::Reader one) {
        return Measurement{
            .name = text(one.getName(), limits::measurement_name_bytes_max, "a measurement's name"),
            .value = finite(one.getValue(), "a measurement")};
    });
}

std::vector<HostId> read_hosts(Numbers::Reader in, std::size_t count_max, const char* name) {
    return list(in, count_max, name, [](std::uint32_t host) { return HostId{host}; });
}

Sealed read(schema::Sealed::Reader in) {
    return {.content = bytes(in.getContent(), limits::frame_bytes_max, "a signed statement"),
            .signature = array<64>(in.getSignature(), "a signature")};
}

void write_texts(const std::vector<std::string>& texts, Texts::Builder out) {
    for (unsigned i = 0; i < out.size(); ++i) out.set(i, text(texts[i]));
}

void write_labels(const Labels& labels, LabelList::Builder out) {
    unsigned i = 0;
    for (const auto& [key, value] : labels) {
        out[i].setKey(text(key));
        out[i].setValue(text(value));
        ++i;
    }
}

void write_measurements(const std::vector<Measurement>& measurements,
                        MeasurementList::Builder out) {
    for (unsigned i = 0; i < out.size(); ++i) {
        out[i].setName(text(measurements[i].name));
        out[i].setValue(measurements[i].value);
    }
}

void write_hosts(const std::vector<HostId>& hosts, Numbers::Builder out) {
    for (unsigned i = 0; i < out.size(); ++i) out.set(i, hosts[i].value);
}

void write(const Sealed& sealed, schema::Sealed::Builder out) {
    out.setContent(blob(sealed.content));
    out.setSignature(blob(sealed.signature));
}

}  // namespace coppice::wire
