// SPDX-License-Identifier: Apache-2.0
package io.fairlead.faults;

import static io.fairlead.faults.FaultLog.millis;
import static io.fairlead.faults.FaultLog.percent;
import static io.fairlead.faults.FaultLog.record;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.util.RawValue;
import io.fairlead.api.PickContext;
import io.fairlead.api.Registry;
import io.fairlead.api.ServiceInstance;
import io.fairlead.balancer.Fairlead;
import io.fairlead.consul.ConsulRegistry;
import io.fairlead.samples.drill.Load;
import io.fairlead.spi.Environment;
import io.fairlead.testkit.RecordingListener;
import io.fairlead.testkit.RecordingSnapshots;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What somebody who may write to the registry can put there: it is refused, bounded, and never breaks out. */
class HostileDataIT {
    private static final long SEED = 2;
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final String[] NASTY = {
        "\r\n",
        "\u0000",
        "\u2028",
        "\ud800",
        "@",
        "/",
        "\\",
        "#",
        "?",
        "%0d%0a",
        ":",
        "[",
        "]",
        " ",
        "\u202e",
        "\u001b[31m",
        "..",
        "\"",
        "'",
        "$",
        "{",
        "}",
        "１",
        "é",
        "a",
        "b",
        "1",
        ".",
        "-",
        "_"
    };

    private final RecordingListener events = new RecordingListener();
    private final FakeConsul consul = new FakeConsul();
    private final Registry registry =
            Registry.connect(consul.uri(), Environment.system().withListener(events));

    HostileDataIT() throws Exception {}

    @AfterEach
    void stop() {
        registry.close();
        consul.close();
    }

    @Test
    void aHundredThousandFuzzedEntries() throws Exception {
        SplittableRandom random = new SplittableRandom(SEED);
        int lost = 0;
        int adopted = 0;
        int escaped = 0;
        for (int round = 0; round < 100; round++) {
            ArrayNode entries = JSON.createArrayNode();
            for (int i = 0; i < 1_000; i++) {
                entries.add(fuzzed(random));
            }
            entries.add(entry("good", "10.0.0.1", 80));
            consul.answer(10, FakeConsul.body(10, entries.toString()));
            List<ServiceInstance> instances = registry.list("orders").instances();
            adopted += instances.size() - 1;
            lost += instances.stream().noneMatch(each -> each.id().equals("good")) ? 1 : 0;
            escaped += (int) instances.stream()
                    .filter(each -> text(each).chars().anyMatch(Character::isISOControl))
                    .count();
        }
        record(
                "S2",
                "100,000 fuzzed entries in 100 lists, each beside a good one",
                "0 exceptions, 0 control characters let through, the good one always there",
                "0 exceptions; " + escaped + " control characters; good one missing " + lost + " times; " + adopted
                        + " harmless ones adopted",
                escaped == 0 && lost == 0);
        assertThat(lost + escaped).as("seed " + SEED).isZero();
    }

    @Test
    void nothingForgesALogLine() {
        RecordingSnapshots seen = new RecordingSnapshots();
        try (CapturedLog log = new CapturedLog()) {
            ArrayNode entries = JSON.createArrayNode();
            entries.add(entry("good", "10.0.0.1", 80));
            entries.add(entry("a\r\nFORGED id", "10.0.0.1", 80));
            entries.add(entry("b", "10.0.0.1\nFORGED host", 80));
            ObjectNode meta = entry("c", "10.0.0.1", 80);
            service(meta).putObject("Meta").put("k", "v\r\nFORGED value").put("q\nFORGED key", "v");
            entries.add(meta);
            ObjectNode tag = entry("d", "10.0.0.1", 80);
            service(tag).putArray("Tags").add("t\u0085FORGED tag\u2028FORGED");
            entries.add(tag);
            consul.answer(10, FakeConsul.body(10, entries.toString()));
            registry.watch("orders", seen);
            Load.await(() -> seen.ids().contains("good"));
            consul.answer(11, FakeConsul.status(500, "x\r\nFORGED body"));
            Load.await(() -> !seen.interruptions().isEmpty());
            List<String> said = new ArrayList<>(log.lines());
            events.events().stream()
                    .flatMap(event -> Arrays.stream(event.split("\\R")))
                    .forEach(said::add);
            String message = seen.interruptions().get(0).getMessage();
            message.lines().forEach(said::add);
            long forged =
                    said.stream().filter(line -> line.startsWith("FORGED")).count();
            long shown = said.stream().filter(line -> line.contains("FORGED")).count();
            record(
                    "S8",
                    "line ends in ids, hosts, metadata, tags and an error's body",
                    "0 forged lines in logs, events and messages",
                    forged + " forged; shown escaped in " + shown + " of " + said.size() + " lines",
                    forged == 0 && shown >= 4);
            assertThat(forged).isZero();
            assertThat(shown).isGreaterThanOrEqualTo(4);
        }
    }

    @Test
    void everythingHasACap() {
        ArrayNode entries = JSON.createArrayNode();
        ObjectNode fat = entry("fat-tag", "10.0.0.1", 80);
        service(fat).putArray("Tags").add("x".repeat(10 << 20));
        ObjectNode tags = entry("many-tags", "10.0.0.1", 80);
        ArrayNode words = service(tags).putArray("Tags");
        ObjectNode meta = entry("much-metadata", "10.0.0.1", 80);
        ObjectNode pairs = service(meta).putObject("Meta");
        for (int i = 0; i < 1_000; i++) {
            words.add("t" + i);
            pairs.put("k" + i, "v");
        }
        entries.add(fat).add(tags).add(meta).add(entry("i".repeat(100_000), "10.0.0.1", 80));
        IntStream.range(0, 60_000).forEach(i -> entries.add(entry("i" + i, "10.0.0.1", 80)));
        consul.answer(10, FakeConsul.body(10, entries.toString()));
        RecordingSnapshots seen = new RecordingSnapshots();
        registry.watch("orders", seen);
        Load.await(() -> seen.last() != null);
        int adopted = seen.last().instances().size();
        long rejected = events.events("rejected").stream()
                .filter(event -> !event.contains("used without"))
                .count();
        int longest = seen.last().instances().stream()
                .flatMap(instance -> Stream.concat(Stream.of(instance.id()), instance.tags().stream()))
                .mapToInt(String::length)
                .max()
                .orElseThrow();
        record(
                "S14",
                "a tag of 10 MiB, 1,000 tags, 1,000 metadata entries, an id of 100 KB, 60,000 instances",
                "entries above 50,000 refused, fat ones used without what is above 4 KiB (bodies: F15)",
                adopted + " adopted; longest id or tag " + longest + "; " + rejected + " rejection told",
                adopted == 50_000 && rejected == 1 && longest <= 4_096);
        assertThat(adopted).isEqualTo(50_000);
        assertThat(rejected).isEqualTo(1);
        assertThat(longest).isLessThanOrEqualTo(4_096);
    }

    @Test
    void evilWordsCostNothing() {
        List<String> evil = List.of(
                "a-".repeat(256),
                "a.".repeat(255) + "!",
                "1.".repeat(256),
                "a".repeat(511) + "\n",
                "::".repeat(256),
                ":1".repeat(256),
                "-".repeat(512),
                "(a+)+".repeat(102));
        double worst = 0;
        for (String word : evil) {
            long[] nanos = new long[1_000];
            for (int i = 0; i < nanos.length; i++) {
                long startNanos = System.nanoTime();
                Stream.<Runnable>of(
                                () -> ServiceInstance.builder(word)
                                        .address("10.0.0.1", 80)
                                        .build(),
                                () -> ServiceInstance.builder("a")
                                        .address(word, 80)
                                        .build(),
                                () -> ServiceInstance.builder("a")
                                        .address("a", 80)
                                        .scheme(word)
                                        .tag(word)
                                        .build())
                        .forEach(HostileDataIT::swallow);
                nanos[i] = System.nanoTime() - startNanos;
            }
            Arrays.sort(nanos);
            worst = Math.max(worst, nanos[nanos.length / 2] / 1e6);
        }
        record(
                "S18",
                "words of 512 characters that make a careless pattern backtrack",
                "≤ 1 ms each (median of 1,000)",
                millis(worst) + " at worst for three validations",
                worst <= 1);
        assertThat(worst).isLessThan(10);
    }

    @Test
    void valuesInUrlsAreEncoded() {
        String odd = "a/b?c&d=e#f %\r\nX: y";
        String encoded = "a%2Fb%3Fc%26d%3De%23f%20%25%0D%0AX%3A%20y";
        try (Registry picky = ConsulRegistry.builder()
                .address(consul.address())
                .datacenter(odd)
                .near(odd)
                .filter(odd)
                .tag(odd)
                .build()) {
            picky.list("orders");
            String line = consul.queries().get(0);
            String expected = "/v1/health/service/orders?dc=" + encoded + "&near=" + encoded + "&filter=" + encoded
                    + "&tag=" + encoded;
            int refused = 0;
            for (String name : List.of("a/b?c", "a\r\nX: y", "..", "a%2fb")) {
                try {
                    picky.list(name);
                } catch (IllegalArgumentException illegal) {
                    refused++;
                }
            }
            int sent = consul.queries().size();
            record(
                    "S19",
                    "slashes, question marks and line ends in datacentre, near, filter, tag; in service names",
                    "the request line exact; such names refused before anything is sent",
                    (line.equals(expected) ? "exact" : line) + "; " + refused + " of 4 names refused, " + sent
                            + " request sent",
                    line.equals(expected) && refused == 4 && sent == 1);
            assertThat(line).isEqualTo(expected);
            assertThat(refused).isEqualTo(4);
        }
    }

    @Test
    void weightsAreClamped() {
        ArrayNode entries = JSON.createArrayNode();
        String[] given = {"0", "-5", "1000000000", "\"NaN\"", "1", "3"};
        for (int i = 0; i < given.length; i++) {
            ObjectNode entry = entry("w" + i, "10.0.0." + (i + 1), 80);
            service(entry).putObject("Weights").putRawValue("Passing", new RawValue(given[i]));
            entries.add(entry);
        }
        consul.answer(10, FakeConsul.body(10, entries.toString()));
        List<Integer> weights = registry.list("orders").instances().stream()
                .map(ServiceInstance::weight)
                .toList();
        consul.answer(11, FakeConsul.body(11, "[" + entries.get(4) + "," + entries.get(5) + "]"));
        double share;
        try (Fairlead fairlead =
                Fairlead.builder(registry).policy("weighted_round_robin").build()) {
            int third = 0;
            for (int i = 0; i < 10_000; i++) {
                try (var attempt = fairlead.acquire("orders", PickContext.none())) {
                    third += attempt.instance().id().equals("w5") ? 1 : 0;
                }
            }
            share = third / 10_000.0;
        }
        boolean clamped = weights.equals(List.of(1, 1, 65_535, 1, 1, 3));
        record(
                "S20",
                "weights 0, -5, 10⁹, \"NaN\", 1, 3; then two of weight 1 and 3",
                "clamped to 1..65535; share of the heavier within 5 % of 75 %",
                weights + "; share " + percent(share),
                clamped && Math.abs(share - 0.75) <= 0.05 * 0.75);
        assertThat(clamped).isTrue();
        assertThat(share).isBetween(0.71, 0.79);
    }

    private static ObjectNode fuzzed(SplittableRandom random) {
        ObjectNode entry = entry(word(random), random.nextInt(4) == 0 ? "10.0.0.9" : word(random), random.nextInt());
        ObjectNode service = service(entry);
        switch (random.nextInt(6)) {
            case 0 -> service.put("Port", word(random));
            case 1 -> service.putNull("ID");
            case 2 -> service.putArray("Tags").add(word(random)).addNull().addObject();
            case 3 -> service.putObject("Meta").put(word(random), word(random)).putNull("x");
            case 4 -> service.put("Port", 1 + random.nextInt(65_535)).put("Tags", word(random));
            default ->
                service.put("Port", random.nextDouble() * 1e300).put("Meta", 7).put("Weights", "x");
        }
        return entry;
    }

    private static String word(SplittableRandom random) {
        StringBuilder word = new StringBuilder();
        for (int length = random.nextInt(12); length >= 0; length--) {
            word.append(NASTY[random.nextInt(NASTY.length)]);
        }
        return word.toString();
    }

    private static ObjectNode entry(String id, String address, int port) {
        ObjectNode entry = JSON.createObjectNode();
        entry.putObject("Node").put("Node", "n").put("Address", "10.0.0.1");
        entry.putObject("Service")
                .put("ID", id)
                .put("Service", "orders")
                .put("Address", address)
                .put("Port", port);
        entry.putArray("Checks");
        return entry;
    }

    private static ObjectNode service(ObjectNode entry) {
        return (ObjectNode) entry.get("Service");
    }

    private static String text(ServiceInstance each) {
        return each.id() + each.host() + each.scheme() + each.zone() + each.version() + each.tags() + each.metadata();
    }

    private static void swallow(Runnable build) {
        try {
            build.run();
        } catch (IllegalArgumentException refused) {
            // as it should be
        }
    }
}
