// SPDX-License-Identifier: Apache-2.0
package io.fairlead.routes.document;

import java.math.BigDecimal;
import java.time.Duration;
import java.util.Map;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * A kind of value, and how it is written.
 *
 * @param parser null for what is not written so
 */
record ValueKind<T>(String expected, Function<String, @Nullable T> parser) {
    private static final Pattern NUMBER = Pattern.compile("-?(?:0|[1-9][0-9]{0,11})(?:\\.[0-9]{1,9})?");
    private static final Pattern DURATION = Pattern.compile("([0-9]{1,9})(?:\\.([0-9]{1,3}))?(ms|s|m|h)");
    private static final Pattern SIZE = Pattern.compile("(0|[1-9][0-9]{0,8})(B|KiB|MiB)");
    private static final Map<String, Long> MILLIS = Map.of("ms", 1L, "s", 1_000L, "m", 60_000L, "h", 3_600_000L);
    private static final Map<String, Long> BYTES = Map.of("B", 1L, "KiB", 1L << 10, "MiB", 1L << 20);

    static final ValueKind<Duration> DURATIONS =
            new ValueKind<>("a duration with unit, as in '2s'", ValueKind::duration);
    static final ValueKind<Long> SIZES = new ValueKind<>("a size with unit, as in '64KiB'", ValueKind::size);
    static final ValueKind<BigDecimal> NUMBERS = new ValueKind<>("a number, as in '0.5'", ValueKind::number);
    static final ValueKind<Double> DOUBLES = new ValueKind<>("a number, as in '0.5'", text -> {
        BigDecimal number = number(text);
        return number == null ? null : number.doubleValue();
    });
    static final ValueKind<Integer> INTEGERS = new ValueKind<>("a whole number, as in '3'", ValueKind::integer);
    static final ValueKind<Boolean> BOOLEANS = new ValueKind<>("true or false", ValueKind::bool);

    @Nullable
    T parse(String text) {
        return parser.apply(text);
    }

    private static @Nullable Duration duration(String text) {
        Matcher matcher = DURATION.matcher(text);
        if (!matcher.matches()) {
            return null;
        }
        BigDecimal number =
                new BigDecimal(matcher.group(1) + "." + (matcher.group(2) == null ? "0" : matcher.group(2)));
        BigDecimal nanos = number.multiply(BigDecimal.valueOf(MILLIS.getOrDefault(matcher.group(3), 0L) * 1_000_000));
        return Duration.ofSeconds(
                nanos.divideToIntegralValue(BigDecimal.valueOf(1_000_000_000)).longValueExact(),
                nanos.remainder(BigDecimal.valueOf(1_000_000_000)).longValue());
    }

    private static @Nullable Long size(String text) {
        Matcher matcher = SIZE.matcher(text);
        return matcher.matches() ? Long.parseLong(matcher.group(1)) * BYTES.getOrDefault(matcher.group(2), 0L) : null;
    }

    private static @Nullable BigDecimal number(String text) {
        return NUMBER.matcher(text).matches() ? new BigDecimal(text) : null;
    }

    private static @Nullable Integer integer(String text) {
        BigDecimal number = number(text);
        boolean isWhole = number != null
                && number.stripTrailingZeros().scale() <= 0
                && number.abs().compareTo(BigDecimal.valueOf(Integer.MAX_VALUE)) <= 0;
        return number != null && isWhole ? number.intValue() : null;
    }

    private static @Nullable Boolean bool(String text) {
        return switch (text) {
            case "true" -> true;
            case "false" -> false;
            default -> null;
        };
    }
}
