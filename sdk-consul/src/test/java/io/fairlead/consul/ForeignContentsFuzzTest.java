// SPDX-License-Identifier: Apache-2.0
package io.fairlead.consul;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.fairlead.api.ServiceInstance;
import io.fairlead.api.ServiceSnapshot;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Contents as foreign tools write them, drawn at random for {@code fairlead.fuzz.seconds}, 5 by default. */
@Tag("slow")
class ForeignContentsFuzzTest {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final String[] WORDS = {
        "",
        "orders",
        "orders@n2",
        "a b",
        "订单",
        "x\ny",
        "\u2028",
        "../a",
        "http://h:1",
        "HTTP/1.1",
        "https",
        "true",
        "\ud800"
    };

    @Test
    void noEntryEndsAReadAndNoGoodOneIsLost() {
        long end = System.nanoTime()
                + Duration.ofSeconds(Long.getLong("fairlead.fuzz.seconds", 5)).toNanos();
        long seed = System.nanoTime();
        while (System.nanoTime() - end < 0) {
            seed++;
            try {
                round(new SplittableRandom(seed));
            } catch (Throwable failure) {
                fail("seed " + seed, failure);
            }
        }
    }

    private static void round(SplittableRandom random) {
        ListedNames names = new ListedNames("orders");
        for (int list = 0; list < 4; list++) {
            ArrayNode entries = JSON.createArrayNode();
            int good = 0;
            for (int i = 0; i < 1 + random.nextInt(12); i++) {
                if (random.nextInt(5) == 0) {
                    entries.add(odd(random));
                }
                entries.add(reachable(random, "10.1." + list + "." + good++));
            }
            List<String> rejected = new ArrayList<>();
            List<ServiceInstance> read = HealthAnswer.of(entries.toString().getBytes(StandardCharsets.UTF_8))
                    .instances("orders", names, (entry, why) -> rejected.add(entry + ": " + why), (entry, what) -> {});
            ServiceSnapshot snapshot = new ServiceSnapshot("orders", list, read);
            assertThat(snapshot.instances().stream().filter(one -> one.host().startsWith("10.1.")))
                    .as("of %s, without %s", entries, rejected)
                    .hasSize(good);
        }
    }

    /** Each on a node of its own, with whatever else. */
    private static ObjectNode reachable(SplittableRandom random, String host) {
        ObjectNode entry = JSON.createObjectNode();
        entry.putObject("Node").put("Node", random.nextInt(3) == 0 ? "n2" + host : "订单" + host);
        ObjectNode service = entry.putObject("Service");
        service.put("ID", text(random)).put("Address", host).put("Port", 1 + random.nextInt(65_535));
        ArrayNode tags = service.putArray("Tags");
        for (int i = random.nextInt(90); i > 0; i--) {
            tags.add(text(random));
        }
        if (random.nextInt(4) == 0) {
            service.putNull("Meta");
        } else {
            ObjectNode meta = service.putObject("Meta");
            for (String key : new String[] {"scheme", "zone", "version", "draining", text(random), text(random)}) {
                meta.put(key, text(random));
            }
        }
        service.putObject("Weights").put("Passing", random.nextInt(-5, 100_000));
        entry.putArray("Checks").addObject().put("Status", text(random)).put("CheckID", text(random));
        return entry;
    }

    private static ObjectNode odd(SplittableRandom random) {
        ObjectNode entry = JSON.createObjectNode();
        switch (random.nextInt(4)) {
            case 0 -> entry.putNull("Service");
            case 1 -> entry.putObject("Service").put("Address", text(random)).put("Port", 80);
            case 2 -> entry.putObject("Service").put("Address", "10.0.0.1").put("Port", text(random));
            default -> entry.put("Node", text(random)).putArray("Service");
        }
        return entry;
    }

    private static String text(SplittableRandom random) {
        String word = WORDS[random.nextInt(WORDS.length)];
        return random.nextInt(20) == 0 ? word + "9".repeat(random.nextInt(6_000)) : word;
    }
}
