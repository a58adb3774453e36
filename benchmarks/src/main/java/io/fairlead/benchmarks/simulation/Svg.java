// SPDX-License-Identifier: Apache-2.0
package io.fairlead.benchmarks.simulation;

import io.fairlead.benchmarks.simulation.world.Decimal;
import java.util.List;

/** Writes the few SVG elements the charts need. For one thread. */
final class Svg {
    static final List<String> COLOURS = List.of(
            "#d62728", "#1f77b4", "#2ca02c", "#9467bd", "#ff7f0e", "#17becf", "#8c564b", "#7f7f7f", "#bcbd22",
            "#e377c2");

    private final StringBuilder text = new StringBuilder();

    Svg(int width, int height, String title) {
        text.append("<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"")
                .append(width)
                .append("\" height=\"")
                .append(height)
                .append("\" viewBox=\"0 0 ")
                .append(width)
                .append(' ')
                .append(height)
                .append("\" font-family=\"sans-serif\" font-size=\"12\">\n<title>")
                .append(escaped(title))
                .append("</title>\n");
        rectangle(0, 0, width, height, "#ffffff");
        label(16, 22, title, "start", "#222222", true);
    }

    void rectangle(double x, double y, double width, double height, String fill) {
        text.append("<rect x=\"")
                .append(at(x))
                .append("\" y=\"")
                .append(at(y))
                .append("\" width=\"")
                .append(at(width));
        text.append("\" height=\"")
                .append(at(height))
                .append("\" fill=\"")
                .append(fill)
                .append("\"/>\n");
    }

    void line(double fromX, double fromY, double toX, double toY, String colour, double width) {
        text.append("<line x1=\"")
                .append(at(fromX))
                .append("\" y1=\"")
                .append(at(fromY))
                .append("\" x2=\"")
                .append(at(toX));
        text.append("\" y2=\"")
                .append(at(toY))
                .append("\" stroke=\"")
                .append(colour)
                .append("\" stroke-width=\"");
        text.append(at(width)).append("\"/>\n");
    }

    /** A line through points; {@code x} and {@code y} of each in turn. */
    void path(double[] points, String colour, double width) {
        text.append("<polyline fill=\"none\" stroke=\"")
                .append(colour)
                .append("\" stroke-width=\"")
                .append(at(width));
        text.append("\" stroke-linejoin=\"round\" points=\"");
        for (int i = 0; i < points.length; i += 2) {
            text.append(i == 0 ? "" : " ").append(at(points[i])).append(',').append(at(points[i + 1]));
        }
        text.append("\"/>\n");
    }

    void label(double x, double y, String words, String anchor, String colour, boolean bold) {
        text.append("<text x=\"")
                .append(at(x))
                .append("\" y=\"")
                .append(at(y))
                .append("\" text-anchor=\"")
                .append(anchor);
        text.append("\" fill=\"")
                .append(colour)
                .append('"')
                .append(bold ? " font-weight=\"bold\"" : "")
                .append('>');
        text.append(escaped(words)).append("</text>\n");
    }

    @Override
    public String toString() {
        return text + "</svg>\n";
    }

    private static String at(double coordinate) {
        return Decimal.text(coordinate, 1);
    }

    private static String escaped(String words) {
        return words.replace("&", "&amp;").replace("<", "&lt;");
    }
}
