#pragma once

#include <labelbeam/pipeline/manifest.h>

#include <nlohmann/json.hpp>

namespace labelbeam::pipeline {

/// The fields of a manifest that say what was asked for and read.
nlohmann::json to_json(const Provenance& provenance);

}  // namespace labelbeam::pipeline
