// SPDX-License-Identifier: Apache-2.0
package io.fairlead.fuzz.registry;

import io.fairlead.fuzz.registry.OddAgent.Reply;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import java.util.zip.GZIPOutputStream;

/**
 * One service of an agent, by seed: some instances stay, others come and go, and between clean answers come odd ones, which
 * have all that stay or are none at all. Safe for any thread.
 */
final class ConsulStory {
    /** To whoever asks for a service whose story is over. */
    static final Reply OVER = new Reply(
            "HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n".getBytes(StandardCharsets.ISO_8859_1), 0, true);

    private static final int PHASES = 3;
    private static final int MOST_REMEMBERED = 40;

    final String service;
    final Heard heard;
    private final ReentrantLock lock = new ReentrantLock();
    private final Random random; // guarded by lock, as is the rest
    private final OddJson json;
    private final Map<String, String> staying = new TreeMap<>(); // host to identity
    private final Map<String, String> others = new TreeMap<>();
    private final Deque<String> sent = new ArrayDeque<>();
    private final long startNanos = System.nanoTime();
    private long phaseNanos = startNanos;
    private int phase;
    private int oddLeft;
    private int requests;
    private long index;
    private int hosts;

    ConsulStory(long seed) {
        this.service = "s" + seed;
        this.random = new Random(seed);
        this.json = new OddJson(random);
        for (int i = 1 + random.nextInt(4); i > 0; i--) {
            staying.put(host(), identity());
        }
        this.heard = new Heard(Set.copyOf(staying.keySet()));
        this.index = 1L + random.nextInt(100);
        begin();
    }

    /** Looks how it goes: goes on when the last phase has ended well. True when all have. */
    boolean isOver() {
        lock.lock();
        try {
            String wrong = wrong();
            if (wrong != null) {
                throw new AssertionError("service " + service + ", phase " + phase + ": " + wrong + "; " + heard
                        + "\nlast answers, the newest last:\n" + String.join("\n", sent));
            }
            if (oddLeft > 0 || !heard.has(truth())) {
                return false;
            }
            phase++;
            begin();
            return phase == PHASES;
        } finally {
            lock.unlock();
        }
    }

    private String wrong() {
        double seconds = (System.nanoTime() - startNanos) / (double) TimeUnit.SECONDS.toNanos(1);
        if (heard.lost() != null) {
            return heard.lost();
        }
        if (requests > 15 + 2.5 * seconds) {
            return requests + " requests in " + seconds + " s";
        }
        return System.nanoTime() - phaseNanos > TimeUnit.SECONDS.toNanos(90) ? "did not hear of " + truth() : null;
    }

    private Set<String> truth() {
        Set<String> all = new TreeSet<>(staying.keySet());
        all.addAll(others.keySet());
        return all;
    }

    private void begin() {
        phaseNanos = System.nanoTime();
        oddLeft = 1 + random.nextInt(4);
        others.keySet().removeIf(host -> random.nextBoolean());
        for (int i = random.nextInt(3); i > 0; i--) {
            others.put(host(), identity());
        }
        index += 1 + random.nextInt(20);
    }

    Reply reply(String path) {
        lock.lock();
        try {
            requests++;
            if (oddLeft > 0) {
                oddLeft--;
                Reply odd = odd();
                if (oddLeft == 0) {
                    index++;
                }
                return noted(odd);
            }
            boolean waits = path.contains("index=" + index + "&");
            return noted(answer("200 OK", "X-Consul-Index: " + index + "\r\n", bytes(list(false)), waits ? 400 : 0));
        } finally {
            lock.unlock();
        }
    }

    private Reply odd() {
        byte[] good = bytes(list(true));
        String at = "X-Consul-Index: " + index + "\r\n";
        return switch (random.nextInt(16)) {
            case 0, 1, 2, 3 -> answer("200 OK", at, good, 0);
            case 4, 5, 6 -> answer("200 OK", oddIndex(), good, 0);
            case 7 -> answer(json.one(STATUSES), oddHeaders(), random.nextBoolean() ? good : new byte[0], 0);
            case 8 -> answer("200 OK", at, bytes(json.one(NO_LISTS)), 0);
            case 9 -> answer("200 OK", at + json.one(NOT_CURRENT), bytes("[]"), 0);
            case 10 -> cut(answer("200 OK", at, good, 0), random.nextBoolean());
            case 11 -> answer("200 OK", at + "Content-Encoding: gzip\r\n", random.nextBoolean() ? gzip(good) : good, 0);
            case 12 -> raw(json.one(NO_HTTP), true);
            case 13 -> answer("200 OK", at + oddHeaders(), good, 0);
            case 14 -> answer("200 OK", at, new String(good, StandardCharsets.UTF_8).getBytes(encoding()), 0);
            default -> random.nextInt(8) == 0 ? answer("200 OK", at, good, 4_000) : chunked(at, good);
        };
    }

    private static final List<String> STATUSES = List.of(
            "500 No leader",
            "503 x",
            "502 x",
            "429 x",
            "404 x",
            "400 x",
            "204 x",
            "301 x",
            "302 x",
            "299 x",
            "999 x",
            "103 x");
    private static final List<String> NO_LISTS = List.of(
            "", "null", "{}", "7", "\"[]\"", "<html>", "[", "[null]", "[7,[],\"x\",{}]", "{\"a\":[]}", "\u0000");
    private static final List<String> NOT_CURRENT = List.of(
            "X-Consul-KnownLeader: false\r\n", "X-Consul-LastContact: 9999999\r\n", "X-Consul-KnownLeader: False\r\n");
    private static final List<String> NO_HTTP = List.of(
            "",
            "\r\n\r\n",
            "HTTP/1.1\r\n\r\n",
            "HTTP/1.1 abc\r\n\r\n",
            "SSH-2.0-x\r\n",
            "HTTP/1.1 200 OK\r\n",
            "\u0000");
    private static final List<String> ODD_INDEXES =
            List.of("", "garbage", "-1", "0", "12.5", "0x10", "+7", "18446744073709551616", " 3 ", "1e3", "\u00e9");
    private static final List<String> ODD_HEADERS = List.of(
            "Retry-After: 1\r\n",
            "Retry-After: soon\r\n",
            "X-Consul-LastContact: x\r\n",
            "X-Consul-KnownLeader: maybe\r\n",
            "X-Consul-Results-Filtered-By-ACLs: true\r\n",
            "Location: /v1/health/service/other\r\n",
            "Set-Cookie: a=b\r\n",
            "Content-Type: text/html; charset=utf-16\r\n",
            "X: " + "y".repeat(3_000) + "\r\n",
            "");

    /** Missing, no number, two of them, or one that goes back. */
    private String oddIndex() {
        return switch (random.nextInt(4)) {
            case 0 -> "";
            case 1 -> "X-Consul-Index: " + Math.max(1, index - 1 - random.nextInt(30)) + "\r\n";
            case 2 -> "X-Consul-Index: " + index + "\r\nX-Consul-Index: " + json.one(ODD_INDEXES) + "\r\n";
            default -> "X-Consul-Index: " + json.one(ODD_INDEXES) + "\r\n";
        };
    }

    private String oddHeaders() {
        return json.one(ODD_HEADERS) + json.one(ODD_HEADERS);
    }

    private Charset encoding() {
        return json.one(List.of(StandardCharsets.UTF_16BE, StandardCharsets.UTF_16LE, StandardCharsets.ISO_8859_1));
    }

    /** Who stays is in it, well enough to be reached, beside whatever else. */
    private String list(boolean isOdd) {
        List<String> entries = new ArrayList<>();
        staying.forEach((host, identity) -> {
            if (isOdd && random.nextInt(4) == 0) {
                // The same identity, and no instance: it hides nobody.
                entries.add(entry(identity, "\"Port\":" + json.one(List.of("0", "-1", "null", "\"x\"", "70000"))));
            }
            entries.add(entry(identity, "\"Address\":\"" + host + "\"", "\"Port\":8080"));
        });
        others.forEach((host, identity) -> {
            if (!isOdd || random.nextBoolean()) {
                entries.add(entry(identity, "\"Address\":\"" + host + "\"", "\"Port\":8080"));
            }
        });
        for (int i = isOdd ? random.nextInt(6) : 0; i > 0; i--) {
            entries.add(random.nextInt(entries.size() + 1), json.any());
        }
        return (random.nextInt(9) == 0 ? "\ufeff" : "") + "[" + String.join(",", entries) + "]";
    }

    private String entry(String identity, String... service) {
        String[] parts = identity.split("\\|");
        List<String> fields = new ArrayList<>(Arrays.asList(service));
        fields.add("\"ID\":" + parts[1]);
        for (String name : List.of("Tags", "Meta", "Weights", "CreateIndex", "TaggedAddresses", "Service")) {
            if (random.nextBoolean()) {
                fields.add("\"" + name + "\":" + json.any());
            }
        }
        List<String> entry = new ArrayList<>();
        entry.add("\"Node\":{\"Node\":\"" + parts[0] + "\",\"Address\":\"10.0.0.9\"}");
        entry.add("\"Service\":" + json.object(fields));
        if (random.nextBoolean()) {
            entry.add("\"Checks\":" + json.any());
        }
        return json.object(entry);
    }

    private String host() {
        hosts++;
        return "10.1." + hosts / 250 + "." + hosts % 250;
    }

    private String identity() {
        String id = random.nextInt(3) == 0 ? "\"" + service + "\"" : json.text();
        return "n" + hosts + "|" + (id.equals("\"\"") || id.contains("|") ? "\"plain\"" : id);
    }

    private Reply answer(String status, String headers, byte[] body, long holdMillis) {
        byte[] head = ("HTTP/1.1 " + status + "\r\n" + headers + "Content-Length: " + body.length + "\r\n\r\n")
                .getBytes(StandardCharsets.ISO_8859_1);
        return new Reply(joined(head, body), holdMillis, false);
    }

    private Reply chunked(String headers, byte[] body) {
        byte[] head = ("HTTP/1.1 200 OK\r\n" + headers + "Transfer-Encoding: chunked\r\n\r\n"
                        + Integer.toHexString(body.length) + "\r\n")
                .getBytes(StandardCharsets.ISO_8859_1);
        return new Reply(joined(joined(head, body), bytes("\r\n0\r\n\r\n")), 0, false);
    }

    /** Half of it, and then nothing or the end. */
    private Reply cut(Reply whole, boolean closes) {
        byte[] some = Arrays.copyOf(whole.bytes(), 1 + random.nextInt(whole.bytes().length - 1));
        return new Reply(some, 0, closes || random.nextInt(4) > 0);
    }

    private Reply raw(String text, boolean closes) {
        return new Reply(bytes(text), 0, closes);
    }

    private static byte[] gzip(byte[] body) {
        ByteArrayOutputStream zipped = new ByteArrayOutputStream();
        try (GZIPOutputStream out = new GZIPOutputStream(zipped)) {
            out.write(body);
        } catch (IOException impossible) {
            throw new UncheckedIOException(impossible);
        }
        return zipped.toByteArray();
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private byte[] joined(byte[] head, byte[] body) {
        byte[] all = Arrays.copyOf(head, head.length + body.length);
        System.arraycopy(body, 0, all, head.length, body.length);
        return all;
    }

    private Reply noted(Reply reply) {
        String text = new String(reply.bytes(), StandardCharsets.UTF_8);
        sent.add((text.length() > 2_000 ? text.substring(0, 2_000) + "\u2026" : text).replace("\r\n", " | "));
        if (sent.size() > MOST_REMEMBERED) {
            sent.remove();
        }
        return reply;
    }
}
