// SPDX-License-Identifier: Apache-2.0
package io.fairlead.etcd;

import java.util.List;
import java.util.random.RandomGenerator;

/** Values as foreign tools write them: whoever has an address in them can be reached. */
final class ForeignValues {
    private static final List<String> WEIGHTS = List.of(
            "1",
            "\"10\"",
            "0",
            "-3",
            "2.5",
            "1e9",
            "1e999999999",
            "-1E-999999999",
            "99999999999999999999",
            "null",
            "true",
            "\"heavy\"",
            "\"\"",
            "[]",
            "{}",
            "\" 7 \"",
            "\"NaN\"");
    private static final List<String> TEXTS = List.of(
            "\"\"",
            "\"a\"",
            "null",
            "7",
            "2.1",
            "true",
            "[1,{\"a\":2}]",
            "{\"x\":[null]}",
            "\"line\\nend\"",
            "\"\\u2028\"",
            "\"\\ud800\"",
            "\"\u4e2d\u6587\"",
            "\"HTTP/1.1\"",
            "\"" + "v".repeat(5_000) + "\"",
            "\"\\u0000\"");
    private static final List<String> HOSTS = List.of(
            "10.0.0.1", "shop_orders_1", "orders.example.", "ORDERS.Example", "[2001:db8::1]", "localhost", "h-1.x");
    private static final List<String> FIELDS = List.of(
            "id", "weight", "scheme", "zone", "version", "status", "draining", "tags", "meta", "Region", "", "\u4e2d");
    private static final List<String> RUBBISH = List.of(
            "",
            "{",
            "[]",
            "null",
            "\"10.0.0.1:80\"",
            "rubbish",
            "{\"Op\":1}",
            "{\"Addr\":7}",
            "{\"Addr\":\"x:99999\"}",
            "{\"Addr\":\":80\"}",
            "10.0.0.1",
            "{\"Addr\":\"10.0.0.1:80\"",
            "\u0000\u0001",
            "{\"Addr\":\"a b:80\"}",
            "[".repeat(5_000),
            "{\"Addr\":".repeat(2_000));

    private final RandomGenerator random;

    ForeignValues(RandomGenerator random) {
        this.random = random;
    }

    /** One whose instance can be reached. */
    String good() {
        String address = one(HOSTS) + ":" + (1 + random.nextInt(65_535));
        if (random.nextInt(8) == 0) {
            return blanks() + address + blanks();
        }
        String shown = random.nextInt(6) == 0 ? "http://" + address + "/path" : address;
        String addr = "\"" + (random.nextInt(6) == 0 ? "addr" : "Addr") + "\":\"" + shown + "\"";
        String op = random.nextBoolean() ? "\"Op\":0," : "";
        String extra = random.nextInt(4) == 0 ? "\"Extra\":" + nested(1 + random.nextInt(3_000)) + "," : "";
        String metadata = random.nextInt(4) == 0 ? one(TEXTS) : metadata();
        return blanks() + "{" + op + extra
                + (random.nextBoolean() ? addr + ",\"Metadata\":" + metadata : "\"Metadata\":" + metadata + "," + addr)
                + "}";
    }

    /** One that is no instance. */
    String rubbish() {
        return one(RUBBISH);
    }

    /** The last part of a key. */
    String id() {
        String unique = Long.toUnsignedString(random.nextLong(), 36);
        return one(List.of(
                        "",
                        "a b",
                        "\u4e2d\u6587",
                        "a/b/",
                        "%2F",
                        "%zz",
                        "10.0.0.1:80-",
                        "x".repeat(300),
                        "\u00e9\u2028",
                        "'\"\\"))
                + unique;
    }

    private String metadata() {
        StringBuilder object = new StringBuilder("{");
        for (int i = random.nextInt(8); i > 0; i--) {
            String field = one(FIELDS);
            String value = switch (field) {
                case "weight" -> one(WEIGHTS);
                case "tags" -> random.nextBoolean() ? one(TEXTS) : many("[", "", "]");
                case "meta" -> random.nextBoolean() ? one(TEXTS) : many("{", "\"k%d\":", "}");
                default -> one(TEXTS);
            };
            object.append(object.length() > 1 ? "," : "")
                    .append('"')
                    .append(field)
                    .append("\":")
                    .append(value);
        }
        return object.append('}').toString();
    }

    private String many(String open, String key, String close) {
        StringBuilder all = new StringBuilder(open);
        for (int i = random.nextInt(100); i > 0; i--) {
            all.append(key.formatted(i)).append(one(TEXTS)).append(i > 1 ? "," : "");
        }
        return all.append(close).toString();
    }

    private static String nested(int depth) {
        return "[".repeat(depth) + "]".repeat(depth);
    }

    private String blanks() {
        return one(List.of("", "", " ", "\n", "\r\n\t"));
    }

    private <T> T one(List<T> from) {
        return from.get(random.nextInt(from.size()));
    }
}
