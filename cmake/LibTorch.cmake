# One imported target, LibTorch, from whichever LibTorch there is:
#   - the PyPI wheel or a libtorch archive, with or without CUDA. Its libraries are taken by path, because
#     the CMake package inside asks for the CUDA toolkit even where only the CPU is used;
#   - an installed package of another layout, through find_package(Torch).
#
# Looked for in this order, variables before the environment:
#   1. Torch_DIR, CMAKE_PREFIX_PATH
#   2. LABELBEAM_TORCH_ROOT: what an installed labelbeam was built with
#   3. the wheel in a virtual environment: LABELBEAM_VENV, the active one, .deps/venv in the source tree
#   4. where find_package(Torch) looks by itself
#
# Also installed, beside labelbeamConfig.cmake.

# The LibTorch root, the folder with lib/libtorch_cpu.so; empty if there is none of that layout.
function(labelbeam_torch_root out)
  set(candidates "")
  set(own_package FALSE)
  foreach(dir IN ITEMS "${Torch_DIR}" "$ENV{Torch_DIR}")
    if(dir)
      list(APPEND candidates "${dir}/../../..")
      set(own_package TRUE)
    endif()
  endforeach()
  string(REPLACE ":" ";" environment_prefixes "$ENV{CMAKE_PREFIX_PATH}")
  foreach(prefix IN LISTS CMAKE_PREFIX_PATH environment_prefixes)
    list(APPEND candidates "${prefix}" "${prefix}/../.." "${prefix}/torch")
  endforeach()
  if(NOT own_package)  # a package that was asked for is never passed over for a wheel
    list(APPEND candidates "${LABELBEAM_TORCH_ROOT}")
    foreach(venv IN ITEMS "${LABELBEAM_VENV}" "$ENV{LABELBEAM_VENV}" "$ENV{VIRTUAL_ENV}"
                          "${CMAKE_CURRENT_FUNCTION_LIST_DIR}/../.deps/venv")
      file(GLOB roots "${venv}/lib/python3*/site-packages/torch")
      list(APPEND candidates ${roots})
    endforeach()
  endif()

  set(${out} "" PARENT_SCOPE)
  foreach(root IN LISTS candidates)
    if(EXISTS "${root}/lib/libtorch_cpu.so" AND EXISTS "${root}/include/torch/csrc/api/include/torch/types.h")
      file(REAL_PATH "${root}" root)
      set(${out} "${root}" PARENT_SCOPE)
      return()
    endif()
  endforeach()
endfunction()

# The CUDA libraries of the LibTorch at `root`, added to the target; or what is wrong with them.
function(_labelbeam_add_torch_cuda root error)
  if(NOT EXISTS "${root}/lib/libtorch_cuda.so")
    set(${error} "LABELBEAM_CUDA is on, but the LibTorch in ${root} was built without CUDA: give another one \
through Torch_DIR, or set LABELBEAM_CUDA=OFF." PARENT_SCOPE)
    return()
  endif()
  if(IS_DIRECTORY "${root}/../nvidia" AND NOT IS_DIRECTORY "${root}/../nvidia/cudnn")
    set(${error} "LABELBEAM_CUDA is on, but beside ${root} only the wheels for the CPU are installed: run \
scripts/setup --cuda, or set LABELBEAM_CUDA=OFF." PARENT_SCOPE)
    return()
  endif()
  # Nothing of ours names a symbol of these; they register their kernels when they are loaded.
  target_link_libraries(LibTorch INTERFACE
    "-Wl,--push-state,--no-as-needed" "${root}/lib/libtorch_cuda.so" "${root}/lib/libc10_cuda.so" "-Wl,--pop-state")
endfunction()

# Makes the target LibTorch. `error`: a variable that gets one sentence if that fails, else "".
function(labelbeam_find_libtorch error)
  set(${error} "" PARENT_SCOPE)
  if(TARGET LibTorch)
    return()
  endif()
  labelbeam_torch_root(root)
  if(NOT root)
    find_package(Torch 2.0 CONFIG QUIET)
    if(NOT Torch_FOUND)
      set(${error} "LibTorch was not found: run scripts/setup, which installs it into .deps/venv, or give your \
own with -DTorch_DIR=DIR or -DCMAKE_PREFIX_PATH=DIR, or do without it: -DLABELBEAM_MODELS=OFF when labelbeam is \
built, no component models when it is used." PARENT_SCOPE)
      return()
    endif()
    add_library(LibTorch INTERFACE IMPORTED GLOBAL)
    target_link_libraries(LibTorch INTERFACE ${TORCH_LIBRARIES})
    target_include_directories(LibTorch SYSTEM INTERFACE ${TORCH_INCLUDE_DIRS})
    message(STATUS "LibTorch: the package in ${Torch_DIR}")
    return()
  endif()

  set(config "${root}/share/cmake/Torch/TorchConfig.cmake")
  if(EXISTS "${config}")
    file(STRINGS "${config}" old_abi REGEX "_GLIBCXX_USE_CXX11_ABI=0")
    if(old_abi)
      set(${error} "The LibTorch in ${root} was built for the C++ ABI before C++11: give a newer one (2.7 or \
later), or the cxx11-abi archive." PARENT_SCOPE)
      return()
    endif()
  endif()
  add_library(LibTorch INTERFACE IMPORTED GLOBAL)
  target_include_directories(LibTorch SYSTEM INTERFACE "${root}/include" "${root}/include/torch/csrc/api/include")
  target_link_libraries(LibTorch INTERFACE "${root}/lib/libtorch_cpu.so" "${root}/lib/libc10.so")
  if(LABELBEAM_CUDA)
    _labelbeam_add_torch_cuda("${root}" cuda_error)
    set(${error} "${cuda_error}" PARENT_SCOPE)
  endif()
  message(STATUS "LibTorch: ${root}")
endfunction()
