# cmake -DWORK_DIR=... -DGENERATOR=... -P libtorch_test.cmake: configures a project that asks for LibTorch beside empty files
# laid out like each kind of LibTorch, and looks at the target it gets.

foreach(name IN ITEMS Torch_DIR CMAKE_PREFIX_PATH LABELBEAM_VENV VIRTUAL_ENV)
  unset(ENV{${name}})
endforeach()
file(REMOVE_RECURSE "${WORK_DIR}")
# Copied, so that no .deps folder is beside it.
file(COPY "${CMAKE_CURRENT_LIST_DIR}/../../cmake/LibTorch.cmake" DESTINATION "${WORK_DIR}/cmake")
file(WRITE "${WORK_DIR}/project/CMakeLists.txt" [[
cmake_minimum_required(VERSION 3.25)
project(asks_for_libtorch LANGUAGES NONE)
include(../cmake/LibTorch.cmake)
labelbeam_find_libtorch(error)
if(error)
  message(STATUS "error: ${error}")
else()
  get_target_property(libraries LibTorch INTERFACE_LINK_LIBRARIES)
  message(STATUS "libraries: ${libraries}")
endif()
]])

# expect(NAME PATTERN ARGUMENTS...): the project, configured with the arguments, says this.
function(expect name pattern)
  execute_process(COMMAND "${CMAKE_COMMAND}" -G "${GENERATOR}" -S "${WORK_DIR}/project" -B "${WORK_DIR}/build-${name}"
                          ${ARGN}
                  OUTPUT_VARIABLE output ERROR_VARIABLE output COMMAND_ERROR_IS_FATAL ANY)
  if(NOT output MATCHES "${pattern}")
    message(SEND_ERROR "${name}: nothing matches ${pattern} in\n${output}")
  endif()
endfunction()

# wheel(ROOT FILES...): a virtual environment's torch folder.
function(wheel root)
  foreach(name IN ITEMS lib/libtorch_cpu.so lib/libc10.so include/torch/csrc/api/include/torch/types.h ${ARGN})
    file(WRITE "${root}/${name}" "")
  endforeach()
endfunction()

set(packages lib/python3.11/site-packages)
wheel("${WORK_DIR}/cpu/${packages}/torch")
expect(wheel_without_cuda "libraries: [^;]*/torch/lib/libtorch_cpu.so;[^;]*/torch/lib/libc10.so\n"
       -DLABELBEAM_VENV=${WORK_DIR}/cpu)
expect(wheel_without_cuda_asked_for_cuda "error: .*was built without CUDA"
       -DLABELBEAM_VENV=${WORK_DIR}/cpu -DLABELBEAM_CUDA=ON)

wheel("${WORK_DIR}/cuda/${packages}/torch" lib/libtorch_cuda.so lib/libc10_cuda.so)
file(MAKE_DIRECTORY "${WORK_DIR}/cuda/${packages}/nvidia/cu13")
expect(wheel_with_cuda_used_without "libraries: [^;]*libtorch_cpu.so;[^;]*libc10.so\n"
       -DLABELBEAM_VENV=${WORK_DIR}/cuda)
expect(wheel_with_cuda_alone "error: .*scripts/setup --cuda" -DLABELBEAM_VENV=${WORK_DIR}/cuda -DLABELBEAM_CUDA=ON)
file(MAKE_DIRECTORY "${WORK_DIR}/cuda/${packages}/nvidia/cudnn")
expect(wheel_with_cuda "no-as-needed;[^;]*/libtorch_cuda.so;[^;]*/libc10_cuda.so;"
       -DLABELBEAM_VENV=${WORK_DIR}/cuda -DLABELBEAM_CUDA=ON)

# An unpacked archive, by either variable.
wheel("${WORK_DIR}/libtorch")
file(WRITE "${WORK_DIR}/libtorch/share/cmake/Torch/TorchConfig.cmake" "message(FATAL_ERROR \"needs CUDA\")")
expect(archive_by_prefix "libraries: [^;]*/libtorch/lib/libtorch_cpu.so" -DCMAKE_PREFIX_PATH=${WORK_DIR}/libtorch)
expect(archive_by_torch_dir "libraries: [^;]*/libtorch/lib/libtorch_cpu.so"
       -DTorch_DIR=${WORK_DIR}/libtorch/share/cmake/Torch)
file(WRITE "${WORK_DIR}/libtorch/share/cmake/Torch/TorchConfig.cmake"
     "set(TORCH_CXX_FLAGS \"-D_GLIBCXX_USE_CXX11_ABI=0\")")
expect(archive_of_the_old_abi "error: .*C\\+\\+ ABI before C\\+\\+11" -DCMAKE_PREFIX_PATH=${WORK_DIR}/libtorch)

# A distribution's package has another layout; it is not passed over for a wheel.
file(WRITE "${WORK_DIR}/usr/lib/cmake/Torch/TorchConfig.cmake"
     "set(TORCH_LIBRARIES torch_of_the_system)\nset(TORCH_INCLUDE_DIRS \"${WORK_DIR}\")\n")
file(WRITE "${WORK_DIR}/usr/lib/cmake/Torch/TorchConfigVersion.cmake"
     "set(PACKAGE_VERSION 2.4)\nset(PACKAGE_VERSION_COMPATIBLE TRUE)\n")
expect(installed_package "libraries: torch_of_the_system\n"
       -DTorch_DIR=${WORK_DIR}/usr/lib/cmake/Torch -DLABELBEAM_VENV=${WORK_DIR}/cpu)

expect(nothing "error: LibTorch was not found: run scripts/setup" -DCMAKE_FIND_USE_CMAKE_SYSTEM_PATH=OFF)
