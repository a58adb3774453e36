// SPDX-License-Identifier: Apache-2.0
package io.fairlead.samples.demo;

import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;
import java.util.Locale;

/**
 * What the demo's command line says.
 *
 * @param registry where the instances register
 * @param port port of the live page; 0 takes a free one
 * @param stay keeps the demo running after its table
 * @param canary plays the scene of a canary in place of the usual one
 * @param help prints the options and nothing else
 */
record DemoOptions(RegistryKind registry, int port, boolean stay, boolean canary, boolean help) {

    /** Where the instances register. */
    enum RegistryKind {
        MEMORY,
        CONSUL,
        ETCD,
        AUTO
    }

    private static final int DEFAULT_PORT = 8090;
    private static final List<String> KNOWN = List.of("--registry", "--port", "--stay", "--scene", "--help");

    static final String HELP = """
            Usage: ./demo [options]

              --registry KIND  memory (default), consul, etcd, or auto: a Consul or etcd that answers on this
                               machine, else one started from a binary found, else memory; says which
              --port PORT      port of the live page, default 8090, a free one when taken; 0 takes a free one
              --stay           keep running (and the page up) after the final table; Ctrl-C ends it
              --scene NAME     outage (default, as below), or canary: one file is rewritten and moves a split from 0 to
                               100 %, a bad one is refused, the canary dies and callers see nothing
              --help           print this

            Five HTTP instances register, a client calls them by name 200 times a second. One is killed, one is
            slowed, both come back. Exits 0 when the promises held, 1 when one did not, 2 for a bad option.
            """;

    static DemoOptions parse(String... args) {
        RegistryKind registry = RegistryKind.MEMORY;
        int port = DEFAULT_PORT;
        boolean stay = false;
        boolean canary = false;
        boolean help = false;
        Deque<String> words = new ArrayDeque<>();
        for (String arg : args) {
            int equals = arg.startsWith("--") ? arg.indexOf('=') : -1;
            words.addAll(equals < 0 ? List.of(arg) : List.of(arg.substring(0, equals), arg.substring(equals + 1)));
        }
        while (!words.isEmpty()) {
            String option = words.remove();
            switch (option) {
                case "--registry" -> registry = registryKind(valueOf(option, words));
                case "--port" -> port = port(valueOf(option, words));
                case "--stay" -> stay = true;
                case "--scene" -> canary = isCanary(valueOf(option, words));
                case "--help", "-h" -> help = true;
                default -> throw unknown(option);
            }
        }
        return new DemoOptions(registry, port, stay, canary, help);
    }

    private static String valueOf(String option, Deque<String> words) {
        if (words.isEmpty()) {
            throw new IllegalArgumentException(option + ": no value (expected: " + option + " VALUE)");
        }
        return words.remove();
    }

    private static RegistryKind registryKind(String value) {
        return Arrays.stream(RegistryKind.values())
                .filter(kind -> kind.name().equalsIgnoreCase(value))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("--registry: " + value + " (expected: "
                        + Arrays.toString(RegistryKind.values()).toLowerCase(Locale.ROOT) + ")"));
    }

    private static boolean isCanary(String value) {
        return switch (value) {
            case "canary" -> true;
            case "outage" -> false;
            default -> throw new IllegalArgumentException("--scene: " + value + " (expected: outage, canary)");
        };
    }

    private static int port(String value) {
        try {
            int port = Integer.parseInt(value);
            if (port >= 0 && port <= 65_535) {
                return port;
            }
        } catch (NumberFormatException notANumber) {
            // falls through to the one message
        }
        throw new IllegalArgumentException("--port: " + value + " (expected: 0..65535)");
    }

    private static IllegalArgumentException unknown(String option) {
        return new IllegalArgumentException(option + ": no such option (expected: " + KNOWN + ")");
    }
}
