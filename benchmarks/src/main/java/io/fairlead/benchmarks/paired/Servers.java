// SPDX-License-Identifier: Apache-2.0
package io.fairlead.benchmarks.paired;

import com.sun.net.httpserver.HttpServer;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Executors;

/** HTTP servers on loopback in a process of their own; each answers every request with 100 bytes. */
public final class Servers implements AutoCloseable {
    private final Process process;
    private final List<Integer> ports;

    private Servers(Process process, List<Integer> ports) {
        this.process = process;
        this.ports = ports;
    }

    /** So many of them. */
    public static Servers start(int count) throws IOException {
        Process process = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-Xmx256m",
                        "-Dsun.net.httpserver.nodelay=true",
                        "-cp",
                        System.getProperty("java.class.path"),
                        Servers.class.getName(),
                        Integer.toString(count))
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        BufferedReader lines =
                new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
        List<Integer> ports = new ArrayList<>();
        while (ports.size() < count) {
            String line = lines.readLine();
            if (line == null) {
                process.destroy();
                throw new IOException("the servers ended before they named their ports");
            }
            ports.add(Integer.parseInt(line));
        }
        return new Servers(process, List.copyOf(ports));
    }

    /** Where they listen. */
    public List<Integer> ports() {
        return ports;
    }

    @Override
    public void close() {
        process.destroy();
    }

    /** The servers' process; it ends when its input does. */
    public static void main(String[] args) throws IOException {
        for (int i = 0; i < Integer.parseInt(args[0]); i++) {
            HttpServer server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 64);
            server.setExecutor(Executors.newCachedThreadPool());
            server.createContext("/", exchange -> {
                try (exchange) {
                    exchange.sendResponseHeaders(200, 100);
                    exchange.getResponseBody().write(new byte[100]);
                }
            });
            server.start();
            System.out.println(server.getAddress().getPort());
        }
        while (System.in.read() >= 0) {
            // nothing is said to it
        }
        System.exit(0);
    }
}
