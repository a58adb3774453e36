// SPDX-License-Identifier: Apache-2.0
package io.fairlead.admin;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.WebSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** A real Chromium, driven over its DevTools protocol. Used by one thread. */
final class Browser implements AutoCloseable {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final String READY = "DevTools listening on ";
    private static final long PATIENCE_SECONDS = 30;

    private final Process process;
    private final Path profile;
    private final HttpClient http = HttpClient.newHttpClient();
    private final WebSocket socket;
    private final AtomicInteger number = new AtomicInteger();
    private final Map<Integer, CompletableFuture<JsonNode>> asked = new ConcurrentHashMap<>();

    private Browser(Process process, Path profile, URI devTools) {
        this.process = process;
        this.profile = profile;
        this.socket =
                http.newWebSocketBuilder().buildAsync(devTools, new Reader()).join();
    }

    /**
     * Starts the one {@code CHROMIUM_BIN} names, else the one {@code scripts/chromium.sh} unpacked.
     *
     * @throws IllegalStateException when there is none, with the ways to fix it
     */
    static Browser start() throws IOException {
        Path profile = Files.createTempDirectory("fairlead-browser");
        Process process = new ProcessBuilder(
                        binary().toString(),
                        "--headless",
                        "--no-sandbox",
                        "--disable-gpu",
                        "--disable-dev-shm-usage",
                        "--disable-background-networking",
                        "--force-color-profile=srgb",
                        "--remote-debugging-port=0",
                        "--user-data-dir=" + profile,
                        "about:blank")
                .redirectErrorStream(true)
                .start();
        try {
            return new Browser(process, profile, devTools(process));
        } catch (IOException | RuntimeException failed) {
            process.destroyForcibly();
            throw failed;
        }
    }

    private static Path binary() {
        String named = System.getenv("CHROMIUM_BIN");
        Path path = named != null && !named.isEmpty()
                ? Path.of(named)
                : Path.of(
                                System.getProperty("fairlead.real.servers.dir", "../target/real-servers"),
                                "chromium",
                                "chromium")
                        .toAbsolutePath();
        if (!Files.isExecutable(path)) {
            throw new IllegalStateException(String.join(
                    System.lineSeparator(),
                    "This needs a headless Chromium and none was found.",
                    "  looked for: env CHROMIUM_BIN, " + path,
                    "  fix, one of: scripts/chromium.sh   (unpacks Debian's packages, no root needed)",
                    "               CHROMIUM_BIN=/usr/lib/chromium/chromium-headless-shell   (no script around it)"));
        }
        return path;
    }

    /** The address it says it listens at. The rest of what it says is read and dropped, so that it never blocks. */
    private static URI devTools(Process process) throws IOException {
        BufferedReader out =
                new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
        List<String> said = new ArrayList<>();
        for (String line = out.readLine(); line != null; line = out.readLine()) {
            if (line.startsWith(READY)) {
                Thread drain = new Thread(() -> out.lines().forEach(rest -> {}), "browser-output");
                drain.setDaemon(true);
                drain.start();
                return URI.create(line.substring(READY.length()));
            }
            said.add(line);
        }
        throw new IOException("Chromium ended before it listened: " + String.join("\n", said));
    }

    /** A new tab of this size, in pixels of CSS, that nothing has loaded yet. */
    Tab tab(int width, int height) {
        String target = ask(null, "Target.createTarget", Map.of("url", "about:blank"))
                .get("targetId")
                .asText();
        String session = ask(null, "Target.attachToTarget", Map.of("targetId", target, "flatten", true))
                .get("sessionId")
                .asText();
        Tab tab = new Tab(this, session, target);
        tab.ask("Page.enable", Map.of());
        tab.size(width, height, 1);
        return tab;
    }

    JsonNode ask(@Nullable String session, String method, Map<String, ?> parameters) {
        int id = number.incrementAndGet();
        ObjectNode message = JSON.createObjectNode().put("id", id).put("method", method);
        message.set("params", JSON.valueToTree(parameters));
        if (session != null) {
            message.put("sessionId", session);
        }
        CompletableFuture<JsonNode> answer = new CompletableFuture<>();
        asked.put(id, answer);
        // A socket takes one text at a time; tests ask from one thread.
        socket.sendText(message.toString(), true).join();
        JsonNode whole = answer.orTimeout(PATIENCE_SECONDS, TimeUnit.SECONDS).join();
        if (whole.has("error")) {
            throw new IllegalStateException(method + ": " + whole.get("error"));
        }
        return whole.get("result");
    }

    List<String> strings(JsonNode array) {
        List<String> all = new ArrayList<>();
        array.forEach(each -> all.add(each.asText()));
        return all;
    }

    @Override
    public void close() {
        process.descendants().forEach(ProcessHandle::destroyForcibly);
        process.destroyForcibly();
        try {
            process.waitFor(10, TimeUnit.SECONDS);
            try (Stream<Path> files = Files.walk(profile)) {
                files.sorted(Comparator.reverseOrder())
                        .forEach(file -> file.toFile().delete());
            }
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
        } catch (IOException | UncheckedIOException gone) {
            // A child of the browser still removes its own files.
        }
    }

    private final class Reader implements WebSocket.Listener {
        private final StringBuilder text = new StringBuilder();

        @Override
        public @Nullable CompletionStage<?> onText(WebSocket from, CharSequence data, boolean last) {
            text.append(data);
            if (last) {
                String whole = text.toString();
                text.setLength(0);
                take(whole);
            }
            from.request(1);
            return null;
        }

        private void take(String whole) {
            try {
                JsonNode message = JSON.readTree(whole);
                CompletableFuture<JsonNode> answer =
                        message.has("id") ? asked.remove(message.get("id").asInt()) : null;
                if (answer != null) {
                    answer.complete(message);
                }
            } catch (IOException unreadable) {
                asked.values().forEach(answer -> answer.completeExceptionally(unreadable));
            }
        }
    }
}
