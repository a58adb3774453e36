// SPDX-License-Identifier: Apache-2.0
package io.fairlead.testkit;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;

/**
 * Secrets that can be told from everything else, one for each place where a secret may stand, and what came out: no output may have
 * one of them, in plain or in Base64. Safe for any thread.
 */
public final class MarkedSecret {
    private final Map<String, String> secrets = new ConcurrentHashMap<>();
    private final List<String> leaks = new CopyOnWriteArrayList<>();
    private final List<String> outputs = new CopyOnWriteArrayList<>();

    /** The secret that stands at this place, as in {@code consul token}: the same each time. Letters and digits only. */
    public String at(String place) {
        return secrets.computeIfAbsent(
                place, name -> "s3cr3t" + Integer.toHexString(name.hashCode()) + "x" + secrets.size() + "f7e2");
    }

    /** Looks at what came out, as in {@code status}; of something thrown at its causes and its stack trace too. */
    public void look(String output, Object what) {
        String text = String.valueOf(what);
        if (what instanceof Throwable thrown) {
            StringWriter trace = new StringWriter();
            thrown.printStackTrace(new PrintWriter(trace));
            text += trace;
        }
        outputs.add(output);
        for (Map.Entry<String, String> secret : secrets.entrySet()) {
            if (has(text, secret.getValue())) {
                leaks.add(output + " has the secret of '" + secret.getKey() + "': " + text);
            }
        }
    }

    /** What was found, a line each, with the output it was found in. */
    public List<String> leaks() {
        return List.copyOf(leaks);
    }

    /** The names of what was looked at. */
    public List<String> outputs() {
        return List.copyOf(outputs);
    }

    private static boolean has(String text, String secret) {
        if (text.contains(secret)) {
            return true;
        }
        for (int offset = 0; offset < 3; offset++) {
            byte[] bytes = ("_".repeat(offset) + secret).getBytes(StandardCharsets.US_ASCII);
            String encoded = Base64.getEncoder().encodeToString(bytes);
            // The ends depend on what stands beside it.
            if (text.contains(encoded.substring(4, encoded.length() - 4))) {
                return true;
            }
        }
        return false;
    }
}
