// SPDX-License-Identifier: Apache-2.0
package io.fairlead.fuzz.registry;

import io.fairlead.api.Registry;
import io.fairlead.api.Subscription;
import io.fairlead.consul.ConsulRegistry;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/** Watches of an agent whose answers are odd: many stories at once, each by its seed, until the time is over. */
final class ConsulWatchFuzz {
    private static final int AT_ONCE = 48;
    private static final long TICK_NANOS = TimeUnit.MILLISECONDS.toNanos(20);

    private final Map<String, ConsulStory> byService = new ConcurrentHashMap<>();

    private record Told(ConsulStory story, Subscription subscription) {}

    String run(long firstSeed, boolean onlyOne, Duration duration) {
        long next = firstSeed;
        long over = 0;
        long start = System.nanoTime();
        try (OddAgent agent = new OddAgent(this::reply);
                Registry registry = ConsulRegistry.builder()
                        .address(agent.address())
                        .wait(Duration.ofSeconds(1))
                        .build()) {
            List<Told> open = new ArrayList<>();
            do {
                boolean begins = onlyOne ? next == firstSeed : System.nanoTime() - start < duration.toNanos();
                while (begins && open.size() < (onlyOne ? 1 : AT_ONCE)) {
                    ConsulStory story = new ConsulStory(next++);
                    byService.put(story.service, story);
                    open.add(new Told(story, registry.watch(story.service, story.heard)));
                }
                for (Told told : List.copyOf(open)) {
                    if (told.story.isOver()) {
                        over++;
                        told.subscription.close();
                        byService.remove(told.story.service);
                        open.remove(told);
                    }
                }
                LockSupport.parkNanos(TICK_NANOS);
            } while (!open.isEmpty());
        }
        return "Consul: " + over + " watches from seed " + firstSeed;
    }

    private OddAgent.Reply reply(String path) {
        ConsulStory story = byService.get(service(path));
        return story == null ? ConsulStory.OVER : story.reply(path);
    }

    private static String service(String path) {
        return path.replaceAll("^/v1/health/service/", "").replaceAll("\\?.*", "");
    }
}
