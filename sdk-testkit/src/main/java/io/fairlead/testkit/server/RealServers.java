// SPDX-License-Identifier: Apache-2.0
package io.fairlead.testkit.server;

import java.io.File;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** Finds the binaries of real registries on this machine. Stateless, safe for any thread. */
public final class RealServers {
    private RealServers() {}

    /**
     * The binary called {@code name}: the one {@code CONSUL_BIN} or {@code ETCD_BIN} names, else the one on the
     * {@code PATH}, else the one {@code scripts/real-servers.sh} unpacked.
     *
     * @throws IllegalStateException when there is none, with what was looked for and the ways to fix it
     */
    public static Path require(String name) {
        Path found = find(name);
        if (found != null) {
            return found;
        }
        throw new IllegalStateException(String.join(
                System.lineSeparator(),
                "This needs a real " + name + " and none was found.",
                "  looked for: env " + variable(name) + " (" + describe(System.getenv(variable(name))) + "), '" + name
                        + "' on PATH (absent), " + unpacked(name) + " (absent)",
                "  fix, one of: scripts/real-servers.sh   (unpacks Debian's packages, no root needed)",
                "               install " + name + " so that it is on the PATH",
                "               " + variable(name) + "=/path/to/" + name));
    }

    /** As {@link #require}, but null when there is none. */
    public static @Nullable Path find(String name) {
        String named = System.getenv(variable(name));
        if (named != null && !named.isEmpty()) {
            Path path = Path.of(named);
            return Files.isExecutable(path) ? path : null;
        }
        String path = System.getenv("PATH");
        for (String folder : (path == null ? "" : path).split(File.pathSeparator)) {
            Path candidate = Path.of(folder.isEmpty() ? "." : folder, name);
            if (Files.isExecutable(candidate) && !Files.isDirectory(candidate)) {
                return candidate;
            }
        }
        Path unpacked = unpacked(name);
        return Files.isExecutable(unpacked) ? unpacked : null;
    }

    /**
     * A newer etcd than the usual: the one {@code ETCD_NEWER_BIN} names, else the one {@code scripts/real-servers.sh}
     * unpacked, else the usual.
     */
    public static Path newestEtcd() {
        String named = System.getenv("ETCD_NEWER_BIN");
        Path newer = named != null && !named.isEmpty()
                ? Path.of(named)
                : Path.of(
                                System.getProperty("fairlead.real.servers.dir", "target/real-servers"),
                                "newer",
                                "bin",
                                "etcd")
                        .toAbsolutePath();
        return Files.isExecutable(newer) ? newer : require("etcd");
    }

    private static Path unpacked(String name) {
        return Path.of(System.getProperty("fairlead.real.servers.dir", "target/real-servers"), "bin", name)
                .toAbsolutePath();
    }

    private static String variable(String name) {
        return name.toUpperCase(Locale.ROOT) + "_BIN";
    }

    private static String describe(@Nullable String value) {
        return value == null || value.isEmpty() ? "unset" : value + ", not an executable";
    }
}
