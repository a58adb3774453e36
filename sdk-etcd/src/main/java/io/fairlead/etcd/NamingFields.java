// SPDX-License-Identifier: Apache-2.0
package io.fairlead.etcd;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import io.fairlead.api.InstanceStatus;
import io.fairlead.api.ServiceInstance;
import java.io.IOException;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.Locale;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Reads what stands in Metadata, from us or from anybody: numbers as text, text as numbers. For one value. */
final class NamingFields {
    private final ServiceInstance.Builder builder;
    private final JsonParser in;
    private final Consumer<String> onLeftOut;

    NamingFields(ServiceInstance.Builder builder, JsonParser in, Consumer<String> onLeftOut) {
        this.builder = builder;
        this.in = in;
        this.onLeftOut = onLeftOut;
    }

    /** From the object's start to its end. */
    void read() throws IOException {
        while (in.nextToken() == JsonToken.FIELD_NAME) {
            String field = in.currentName();
            JsonToken token = in.nextToken();
            switch (field) {
                case "weight" -> weight();
                case "scheme" -> ifText(field, builder::scheme);
                case "zone" -> ifText(field, builder::zone);
                case "version" -> ifText(field, builder::version);
                case "status" -> ifText(field, word -> builder.status(status(word)));
                case "draining" ->
                    ifText(field, word -> {
                        if (word.equalsIgnoreCase("true")) {
                            builder.status(InstanceStatus.DRAINING);
                        }
                    });
                case "tags" -> {
                    if (token == JsonToken.START_ARRAY) {
                        tags();
                    } else {
                        ifText(field, builder::tag);
                    }
                }
                case "meta" -> {
                    if (token == JsonToken.START_OBJECT) {
                        meta();
                    } else {
                        leaveOut(field);
                    }
                }
                default -> in.skipChildren();
            }
        }
    }

    private void tags() throws IOException {
        for (JsonToken token = in.nextToken(); token != JsonToken.END_ARRAY; token = in.nextToken()) {
            if (token == null) {
                throw new IOException("unexpected end");
            }
            ifText("tag", tag -> {
                if (!tag.isEmpty()) {
                    builder.tag(tag);
                }
            });
        }
    }

    private void meta() throws IOException {
        while (in.nextToken() == JsonToken.FIELD_NAME) {
            String key = in.currentName();
            JsonToken unused = in.nextToken();
            ifText("meta '" + key + "'", value -> builder.metadata(key, value));
        }
    }

    private void weight() throws IOException {
        String text = text();
        if (text == null || text.length() > 100) {
            leaveOut("weight");
            return;
        }
        try {
            BigDecimal exact = new BigDecimal(text.strip());
            // Compared before it is rounded: a huge exponent would become as many digits.
            BigDecimal most = BigDecimal.valueOf(Integer.MAX_VALUE);
            BigDecimal within = exact.min(most).max(most.negate());
            builder.weight(
                    within.precision() - within.scale() < 1
                            ? within.signum()
                            : within.setScale(0, RoundingMode.HALF_UP).intValue());
        } catch (NumberFormatException | ArithmeticException none) {
            onLeftOut.accept("weight: '" + text + "' (expected: 1..65535)");
        }
    }

    private void ifText(String field, Consumer<String> taker) throws IOException {
        String text = text();
        if (text != null) {
            taker.accept(text);
        } else {
            leaveOut(field);
        }
    }

    /** Null for what has no text: null, an object, a list. */
    private @Nullable String text() throws IOException {
        JsonToken token = in.currentToken();
        return token != null && token.isScalarValue() && token != JsonToken.VALUE_NULL ? in.getText() : null;
    }

    private void leaveOut(String field) throws IOException {
        if (in.currentToken() != JsonToken.VALUE_NULL) {
            onLeftOut.accept(field + ": " + in.currentToken() + " (expected: a string)");
        }
        in.skipChildren();
    }

    private static InstanceStatus status(String word) {
        return switch (word.toUpperCase(Locale.ROOT)) {
            case "WARNING" -> InstanceStatus.WARNING;
            case "CRITICAL" -> InstanceStatus.CRITICAL;
            case "DRAINING" -> InstanceStatus.DRAINING;
            default -> InstanceStatus.PASSING;
        };
    }
}
