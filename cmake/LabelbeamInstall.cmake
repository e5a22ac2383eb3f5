# What is installed beside the rooms (labelbeam_add_room installs those): the command line, the CMake package
# with one component a room, and a pkg-config file for the rooms without LibTorch.

include(CMakePackageConfigHelpers)

get_property(LABELBEAM_ROOMS GLOBAL PROPERTY LABELBEAM_ROOMS)  # each after those it needs
set(LABELBEAM_ROOM_NEEDS "")
foreach(room IN LISTS LABELBEAM_ROOMS)
  get_target_property(libraries labelbeam_${room} LINK_LIBRARIES)
  list(FILTER libraries INCLUDE REGEX "^(labelbeam::|LibTorch$)")
  list(TRANSFORM libraries REPLACE "^labelbeam::" "")
  string(APPEND LABELBEAM_ROOM_NEEDS "set(_labelbeam_${room}_needs \"${libraries}\")\n")
endforeach()
if(LABELBEAM_MODELS)
  labelbeam_torch_root(LABELBEAM_TORCH_ROOT)
endif()

configure_package_config_file(cmake/labelbeamConfig.cmake.in labelbeamConfig.cmake
  INSTALL_DESTINATION ${LABELBEAM_PACKAGE_DIR} NO_SET_AND_CHECK_MACRO)
write_basic_package_version_file(labelbeamConfigVersion.cmake COMPATIBILITY SameMinorVersion)
install(FILES ${PROJECT_BINARY_DIR}/labelbeamConfig.cmake ${PROJECT_BINARY_DIR}/labelbeamConfigVersion.cmake
              cmake/LibTorch.cmake
        DESTINATION ${LABELBEAM_PACKAGE_DIR})

file(RELATIVE_PATH LABELBEAM_PC_TO_PREFIX "${CMAKE_INSTALL_FULL_LIBDIR}/pkgconfig" "${CMAKE_INSTALL_PREFIX}")
configure_file(cmake/labelbeam.pc.in labelbeam.pc @ONLY)
install(FILES ${PROJECT_BINARY_DIR}/labelbeam.pc DESTINATION ${CMAKE_INSTALL_LIBDIR}/pkgconfig)

if(TARGET labelbeam)
  set_target_properties(labelbeam PROPERTIES INSTALL_RPATH_USE_LINK_PATH ON)  # finds LibTorch where it was
  install(TARGETS labelbeam)
  set(completion "${PROJECT_BINARY_DIR}/labelbeam.bash")
  install(CODE "execute_process(COMMAND \"$<TARGET_FILE:labelbeam>\" completion bash
    OUTPUT_FILE \"${completion}\" COMMAND_ERROR_IS_FATAL ANY)")
  install(FILES ${completion} RENAME labelbeam DESTINATION ${CMAKE_INSTALL_DATADIR}/bash-completion/completions)
endif()
