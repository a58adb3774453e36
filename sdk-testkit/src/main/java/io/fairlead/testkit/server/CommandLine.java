// SPDX-License-Identifier: Apache-2.0
package io.fairlead.testkit.server;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** Runs a command to its end. */
final class CommandLine {
    private CommandLine() {}

    /** What it prints; warnings, which stand on the other stream, are told only when it fails. */
    static String run(List<String> command, String variable, String value) {
        try {
            Path warnings = Files.createTempFile("warnings", ".txt");
            try {
                ProcessBuilder builder = new ProcessBuilder(command).redirectError(warnings.toFile());
                builder.environment().put(variable, value);
                Process process = builder.start();
                process.getOutputStream().close();
                String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
                int code = process.waitFor();
                if (code != 0) {
                    throw new IllegalStateException(
                            command + " ended with " + code + ": " + output + Files.readString(warnings));
                }
                return output;
            } finally {
                Files.deleteIfExists(warnings);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while running " + command, interrupted);
        }
    }
}
