// SPDX-License-Identifier: Apache-2.0
package io.fairlead.admin;

import java.lang.reflect.RecordComponent;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.Collection;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Writes records of {@link Model}, lists, maps, text and numbers as JSON. A record is an object of its components; text is escaped so
 * that it can stand in HTML and in a line of a stream.
 */
final class Json {
    /** The JDK's word {@code default} is no name of a component. */
    private static final Map<String, String> RENAMED = Map.of("standard", "default");

    private static final ClassValue<RecordComponent[]> COMPONENTS = new ClassValue<>() {
        @Override
        protected RecordComponent[] computeValue(Class<?> type) {
            return type.getRecordComponents();
        }
    };

    private final StringBuilder out = new StringBuilder(1024);

    private Json() {}

    static String of(@Nullable Object value) {
        Json json = new Json();
        json.write(value);
        return json.out.toString();
    }

    private void write(@Nullable Object value) {
        if (value == null) {
            out.append("null");
        } else if (value instanceof Record rec) {
            record(rec);
        } else if (value instanceof Collection<?> list) {
            list(list);
        } else if (value instanceof Double number) {
            number(number);
        } else if (value instanceof Number || value instanceof Boolean) {
            out.append(value);
        } else {
            text(value.toString());
        }
    }

    private void record(Record rec) {
        char before = '{';
        for (RecordComponent component : COMPONENTS.get(rec.getClass())) {
            out.append(before);
            before = ',';
            text(RENAMED.getOrDefault(component.getName(), component.getName()));
            out.append(':');
            try {
                write(component.getAccessor().invoke(rec));
            } catch (ReflectiveOperationException impossible) {
                throw new IllegalStateException(impossible);
            }
        }
        out.append(before == '{' ? "{}" : "}");
    }

    private void list(Collection<?> list) {
        char before = '[';
        for (Object entry : list) {
            out.append(before);
            before = ',';
            write(entry);
        }
        out.append(before == '[' ? "[]" : "]");
    }

    /** Four places behind the point, without an exponent; what is no number is not known. */
    private void number(double number) {
        if (!Double.isFinite(number)) {
            out.append("null");
            return;
        }
        BigDecimal rounded =
                BigDecimal.valueOf(number).setScale(4, RoundingMode.HALF_EVEN).stripTrailingZeros();
        out.append(rounded.toPlainString());
    }

    private void text(String text) {
        out.append('"');
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c == '"' || c == '\\') {
                out.append('\\').append(c);
            } else if (isPlain(c)) {
                out.append(c);
            } else {
                out.append(String.format("\\u%04x", (int) c));
            }
        }
        out.append('"');
    }

    /** What could end a line, a script or a tag is escaped, and so are surrogates, of which some text has only one. */
    private static boolean isPlain(char c) {
        return c >= ' ' && c != '<' && c != '>' && c != '&' && c < 0x7f
                || c > 0x9f && c != 0x2028 && c != 0x2029 && !Character.isSurrogate(c);
    }
}
