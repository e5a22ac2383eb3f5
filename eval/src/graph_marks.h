#pragma once

#include <fmt/format.h>
#include <labelbeam/eval/graph_picture.h>

#include <cstddef>
#include <iterator>
#include <map>
#include <string>
#include <utility>

/// Sizes that the layout and the drawing of a label graph share.
namespace labelbeam::eval {

inline constexpr double kFontSize = 12.0;
inline constexpr double kTitleSize = 15.0;
inline constexpr double kTextMargin = 16.0;  // beside title and legend
inline constexpr double kNameGap = 4.0;      // between mark and name

void check_picture(const GraphPicture& picture);

/// The name as it is drawn: one line, not too long.
std::string shown_name(const std::string& name);
/// Width of a line in pixels: an upper estimate for common sans-serif fonts of regular weight.
double text_width(const std::string& line, double font_size = kFontSize);
/// That of the title, which is bold.
double title_width(const GraphPicture& picture);
/// That of a name as it is drawn.
double name_width(const std::string& name);

/// How many labels each community has.
std::map<std::size_t, std::size_t> community_sizes(const GraphPicture& picture);
double largest_count(const GraphPicture& picture);
/// The area of a mark grows with its label's count, from a smallest size on.
double mark_radius(double count, double largest);

double largest_strength(const GraphPicture& picture);
/// "a - b: NPMI 0.5", with the edge's note, escaped.
std::string tooltip(const GraphPicture& picture, const PictureEdge& edge);
/// The document's head with its styles and title.
void open_picture(std::string& out, const GraphPicture& picture, double width, double height);
/// The title as a line at the top.
void append_title(std::string& out, const GraphPicture& picture);

template <typename... Args>
void append(std::string& out, fmt::format_string<Args...> format, Args&&... args) {
  fmt::format_to(std::back_inserter(out), format, std::forward<Args>(args)...);
}

}  // namespace labelbeam::eval
