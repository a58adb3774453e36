// SPDX-License-Identifier: Apache-2.0
package io.fairlead.fuzz.registry;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;

/** JSON of any shape, as tools write it that know nothing of us. Not thread-safe. */
final class OddJson {
    private static final List<String> WORDS = List.of(
            "\"\"",
            "\"a\"",
            "\"passing\"",
            "\"critical\"",
            "\"_node_maintenance\"",
            "\"true\"",
            "\"HTTP/1.1\"",
            "\"line\\nend\"",
            "\"\\u0000\"",
            "\"\\u2028\"",
            "\"\\ud800\"",
            "\"\u4e2d\u6587\"",
            "\"../../x\"",
            "\"http://user:pw@h/\"",
            "\"10.9.9.9:80\"",
            "\"%zz\"");
    private static final List<String> NUMBERS = List.of(
            "0",
            "-1",
            "7",
            "2.5",
            "-0.0",
            "1e9",
            "1e999999999",
            "-1E-999999999",
            "65536",
            "99999999999999999999",
            "1".repeat(2_000));
    private static final List<String> NAMES = List.of(
            "zone",
            "version",
            "scheme",
            "draining",
            "weight",
            "Passing",
            "Warning",
            "Status",
            "CheckID",
            "k",
            "",
            "\u4e2d");

    private final Random random;

    OddJson(Random random) {
        this.random = random;
    }

    /** A value of any kind. */
    String any() {
        return any(3);
    }

    private String any(int depth) {
        return switch (random.nextInt(depth == 0 ? 4 : 7)) {
            case 0 -> "null";
            case 1 -> one(NUMBERS);
            case 2 -> String.valueOf(random.nextBoolean());
            case 3 -> text();
            case 4 -> array(depth - 1);
            default -> object(depth - 1);
        };
    }

    /** A text, sometimes a long one. */
    String text() {
        return random.nextInt(60) == 0 ? "\"" + "v".repeat(random.nextInt(300_000)) + "\"" : one(WORDS);
    }

    private String array(int depth) {
        List<String> values = new ArrayList<>();
        for (int i = random.nextInt(5); i > 0; i--) {
            values.add(any(depth));
        }
        return "[" + String.join(",", values) + "]";
    }

    private String object(int depth) {
        List<String> fields = new ArrayList<>();
        for (int i = random.nextInt(5); i > 0; i--) {
            fields.add("\"" + one(NAMES) + "\":" + any(depth));
        }
        return object(fields);
    }

    /** An object of these fields in any order, with foreign ones between them. */
    String object(List<String> fields) {
        List<String> all = new ArrayList<>(fields);
        if (random.nextInt(3) == 0) {
            all.add("\"Foreign\":" + any(2));
        }
        Collections.shuffle(all, random);
        return "{" + String.join(random.nextInt(4) == 0 ? " ,\n" : ",", all) + "}";
    }

    <T> T one(List<T> from) {
        return from.get(random.nextInt(from.size()));
    }
}
