# cmake -P print_torch_root.cmake: the LibTorch root that the build would take, or an empty line. For scripts/setup.
cmake_minimum_required(VERSION 3.25)
include("${CMAKE_CURRENT_LIST_DIR}/LibTorch.cmake")
labelbeam_torch_root(root)
execute_process(COMMAND "${CMAKE_COMMAND}" -E echo "${root}")
