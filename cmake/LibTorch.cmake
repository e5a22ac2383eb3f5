# One imported target, LibTorch, from whichever LibTorch there is:
#   - an installed package (libtorch archive, distribution package), through find_package(Torch);
#   - the PyPI wheel, with or without CUDA. The wheel's own CMake package asks for the CUDA toolkit even
#     where only the CPU is used, so its libraries are taken by path.
#
# Looked for, in this order: Torch_DIR, CMAKE_PREFIX_PATH, the virtual environment LABELBEAM_VENV
# (default: .deps/venv in the source tree), the active virtual environment.

set(LABELBEAM_VENV "${PROJECT_SOURCE_DIR}/.deps/venv" CACHE PATH "Virtual environment that holds the torch wheel")

set(_torch_roots "")
if(Torch_DIR)
  list(APPEND _torch_roots "${Torch_DIR}/../../..")
endif()
foreach(_prefix IN LISTS CMAKE_PREFIX_PATH)
  list(APPEND _torch_roots "${_prefix}" "${_prefix}/../.." "${_prefix}/torch")
endforeach()
file(GLOB _torch_venv_roots "${LABELBEAM_VENV}/lib/python3*/site-packages/torch"
                            "$ENV{VIRTUAL_ENV}/lib/python3*/site-packages/torch")
list(APPEND _torch_roots ${_torch_venv_roots})

set(_torch_root "")
foreach(_candidate IN LISTS _torch_roots)
  if(EXISTS "${_candidate}/lib/libtorch_cpu.so" AND EXISTS "${_candidate}/include/torch/csrc/api/include/torch/types.h")
    get_filename_component(_torch_root "${_candidate}" REALPATH)
    break()
  endif()
endforeach()

add_library(LibTorch INTERFACE IMPORTED GLOBAL)
if(_torch_root)
  target_include_directories(LibTorch SYSTEM INTERFACE "${_torch_root}/include"
                                                       "${_torch_root}/include/torch/csrc/api/include")
  target_link_libraries(LibTorch INTERFACE "${_torch_root}/lib/libtorch_cpu.so" "${_torch_root}/lib/libc10.so")
  set(LABELBEAM_TORCH_ROOT "${_torch_root}")
  if(LABELBEAM_CUDA)
    if(NOT EXISTS "${_torch_root}/lib/libtorch_cuda.so")
      message(FATAL_ERROR "LABELBEAM_CUDA is on, but ${_torch_root} has no libtorch_cuda.so: "
                          "give a LibTorch built with CUDA through Torch_DIR, or set LABELBEAM_CUDA=OFF.")
    endif()
    # Nothing of ours names a symbol of libtorch_cuda.so; it registers its kernels when it is loaded.
    target_link_libraries(LibTorch INTERFACE
      "-Wl,--push-state,--no-as-needed" "${_torch_root}/lib/libtorch_cuda.so" "${_torch_root}/lib/libc10_cuda.so"
      "-Wl,--pop-state")
  endif()
  message(STATUS "LibTorch: ${_torch_root}")
else()
  find_package(Torch CONFIG QUIET)
  if(NOT Torch_FOUND)
    message(FATAL_ERROR
      "LibTorch was not found. Run scripts/setup, which installs it into .deps/venv; or give your own with "
      "-DTorch_DIR=DIR or -DCMAKE_PREFIX_PATH=DIR; or build without it: -DLABELBEAM_MODELS=OFF.")
  endif()
  target_link_libraries(LibTorch INTERFACE ${TORCH_LIBRARIES})
  target_include_directories(LibTorch SYSTEM INTERFACE ${TORCH_INCLUDE_DIRS})
  message(STATUS "LibTorch: ${Torch_DIR}")
endif()
