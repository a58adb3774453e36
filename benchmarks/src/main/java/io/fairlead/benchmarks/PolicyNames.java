// SPDX-License-Identifier: Apache-2.0
package io.fairlead.benchmarks;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.fairlead.spi.BalancingPolicy;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ServiceLoader;

/** Every policy there is, so that a new one is measured without anybody adding it here. */
public final class PolicyNames {

    private PolicyNames() {}

    /** By name, in order. */
    static String[] all() {
        return ServiceLoader.load(BalancingPolicy.class).stream()
                .map(provider -> provider.get().name())
                .sorted()
                .toArray(String[]::new);
    }

    /** Writes them as a JSON list. Argument: the file. */
    public static void main(String[] args) throws IOException {
        Files.writeString(Path.of(args[0]), new ObjectMapper().writeValueAsString(all()));
    }
}
