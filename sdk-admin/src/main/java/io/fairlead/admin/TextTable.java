// SPDX-License-Identifier: Apache-2.0
package io.fairlead.admin;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Columns that stand below each other. Not thread-safe. */
final class TextTable {
    private static final int WIDEST = 80;

    private final List<String[]> rows = new ArrayList<>();
    private final int[] widths;

    TextTable(String... names) {
        widths = new int[names.length];
        row(names);
    }

    /** One more row; null and nothing become a dash. */
    void row(@Nullable String... cells) {
        String[] shown = Arrays.stream(cells).map(TextTable::shown).toArray(String[]::new);
        for (int i = 0; i < shown.length; i++) {
            widths[i] = Math.max(widths[i], shown[i].length());
        }
        rows.add(shown);
    }

    private static String shown(@Nullable String cell) {
        if (cell == null || cell.isBlank()) {
            return "-";
        }
        String clean = PlainText.clean(cell);
        return clean.length() <= WIDEST ? clean : clean.substring(0, WIDEST - 1) + "…";
    }

    void writeTo(StringBuilder text) {
        if (rows.size() == 1) {
            text.append("none\n");
            return;
        }
        for (String[] row : rows) {
            StringBuilder line = new StringBuilder();
            for (int i = 0; i < row.length; i++) {
                line.append(row[i]).append(" ".repeat(widths[i] - row[i].length() + 2));
            }
            text.append(line.toString().stripTrailing()).append('\n');
        }
    }
}
