#pragma once

#include <labelbeam/eval/graph_picture.h>

#include <string>

/// Sizes that the layout and the drawing of a label graph share.
namespace labelbeam::eval {

inline constexpr double kFontSize = 12.0;
inline constexpr double kNameGap = 4.0;  // between mark and name

void check_picture(const GraphPicture& picture);

/// The name as it is drawn: one line, not too long.
std::string shown_name(const std::string& name);
/// Its width in pixels: an upper estimate for common sans-serif fonts.
double name_width(const std::string& name);

double largest_count(const GraphPicture& picture);
/// The area of a mark grows with its label's count, from a smallest size on.
double mark_radius(double count, double largest);

}  // namespace labelbeam::eval
