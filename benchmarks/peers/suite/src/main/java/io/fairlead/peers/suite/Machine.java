// SPDX-License-Identifier: Apache-2.0
package io.fairlead.peers.suite;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDate;

/** Where and with what the figures were made. */
final class Machine {

    private Machine() {}

    static JsonNode describe(Settings settings) {
        ObjectNode machine = JsonNodeFactory.instance.objectNode();
        machine.put("processor", processor());
        machine.put("processors", Runtime.getRuntime().availableProcessors());
        machine.put("system", System.getProperty("os.name") + " " + System.getProperty("os.arch"));
        machine.put("java", System.getProperty("java.vm.name") + " " + System.getProperty("java.runtime.version"));
        machine.put("date", LocalDate.now().toString());
        machine.put("forks", settings.rounds());
        machine.put("warmups", settings.warmups());
        machine.put("iterations", settings.iterations());
        machine.put("millis", settings.millis());
        machine.put("jvm", settings.jvm());
        return machine;
    }

    private static String processor() {
        Path info = Path.of("/proc/cpuinfo");
        try {
            return Files.readAllLines(info).stream()
                    .filter(line -> line.startsWith("model name"))
                    .map(line -> line.substring(line.indexOf(':') + 1).strip())
                    .findFirst()
                    .orElse("unknown");
        } catch (IOException e) {
            return "unknown";
        }
    }
}
