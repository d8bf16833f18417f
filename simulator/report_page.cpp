#include "simulator/report.h"
namespace coppice { std::string report_page(const Report& report) { return report.title; } }
