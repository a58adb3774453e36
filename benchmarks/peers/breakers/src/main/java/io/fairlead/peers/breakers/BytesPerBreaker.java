// SPDX-License-Identifier: Apache-2.0
package io.fairlead.peers.breakers;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Supplier;
import org.openjdk.jol.info.GraphLayout;

/**
 * What one more breaker weighs: the graph of 1,001 of them less the graph of one, so that what they share is not counted.
 * Fresh, and after 1,000 calls. Arguments: the file to write.
 */
public final class BytesPerBreaker {
    private static final int MORE = 1_000;

    private BytesPerBreaker() {}

    /** Weighs. */
    public static void main(String[] args) throws IOException {
        Map<String, String> rows = new TreeMap<>();
        for (Map.Entry<String, Supplier<Subject>> each : Subjects.all().entrySet()) {
            if (!each.getKey().equals("fairlead_time_own_clock")) {
                rows.put(
                        each.getKey(),
                        String.format(
                                "{\"fresh\":%d,\"used\":%d}",
                                bytes(each.getValue(), 0), bytes(each.getValue(), 1_000)));
            }
        }
        StringBuilder json = new StringBuilder();
        rows.forEach((name, row) -> json.append(json.isEmpty() ? "{" : ",")
                .append('"')
                .append(name)
                .append("\":")
                .append(row));
        Files.writeString(Path.of(args[0]), json.append("}\n"));
    }

    private static long bytes(Supplier<Subject> supplier, int calls) {
        Object[] breakers = new Object[MORE + 1];
        for (int i = 0; i < breakers.length; i++) {
            Subject subject = supplier.get();
            for (int call = 0; call < calls; call++) {
                subject.call();
            }
            breakers[i] = subject.breaker();
        }
        long one = GraphLayout.parseInstance(breakers[0]).totalSize();
        return (GraphLayout.parseInstance(breakers).totalSize() - one) / MORE;
    }
}
