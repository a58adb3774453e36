// SPDX-License-Identifier: Apache-2.0
package io.fairlead.fuzz.registry;

import io.fairlead.api.EventListener;
import io.fairlead.api.Registry;
import io.fairlead.testkit.VirtualTime;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.atomic.AtomicReference;

/** A watched file that is written, half written, damaged, replaced and taken away; on virtual time, a story a seed. */
final class FileWatchFuzz {
    private static final int STEPS = 30;

    private final Path folder;
    private final Path file;

    FileWatchFuzz(Path folder) {
        this.folder = folder;
        this.file = folder.resolve("services.json");
    }

    String run(long firstSeed, boolean onlyOne, Duration duration) throws Exception {
        long next = firstSeed;
        long start = System.nanoTime();
        do {
            long seed = next++;
            try {
                story(new Random(seed));
            } catch (Throwable wrong) {
                throw new AssertionError("file, seed " + seed + ": " + wrong.getMessage(), wrong);
            }
        } while (!onlyOne && System.nanoTime() - start < duration.toNanos());
        return "file: " + (next - firstSeed) + " files from seed " + firstSeed;
    }

    private void story(Random random) throws Exception {
        OddJson json = new OddJson(random);
        VirtualTime time = new VirtualTime();
        AtomicReference<Throwable> failed = new AtomicReference<>();
        EventListener events = new EventListener() {
            @Override
            public void onCallbackFailed(String where, Throwable failure) {
                failed.set(failure);
            }
        };
        Set<String> staying = new TreeSet<>(List.of("10.1.0.1", "10.1.0.2"));
        Set<String> truth = new TreeSet<>();
        Heard heard = new Heard(staying);
        remove();
        try (Registry registry = Registry.connect("file:" + file, time.environment(random.nextLong(), events))) {
            registry.watch("orders", heard);
            for (int step = 0; step < STEPS; step++) {
                Set<String> now = new TreeSet<>(staying);
                for (int i = random.nextInt(3); i > 0; i--) {
                    now.add("10.1.1." + random.nextInt(20));
                }
                String text = text(random, json, now);
                boolean isRead = write(random, text);
                if (random.nextInt(10) == 0) {
                    registry.watch("s" + step, snapshot -> {});
                }
                time.advance(Duration.ofSeconds(1));
                if (isRead) {
                    truth = now;
                    require(heard.has(truth), "not read: " + text + "; expected " + truth + ", " + heard);
                }
                require(heard.lost() == null, heard.lost() + " after " + text);
                require(failed.get() == null, "a step failed: " + failed.get());
            }
        }
        require(time.pendingTasks() == 0, time.pendingTasks() + " tasks are left");
    }

    private static void require(boolean holds, String what) {
        if (!holds) {
            throw new AssertionError(what);
        }
    }

    /** True when the whole text is there to be read. */
    private boolean write(Random random, String text) throws IOException {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        remove();
        switch (random.nextInt(12)) {
            case 0 -> Files.write(file, Arrays.copyOf(bytes, random.nextInt(bytes.length)));
            case 1 -> Files.write(file, new byte[random.nextInt(3)]);
            case 2 -> Files.createDirectory(file);
            case 3 -> Files.createSymbolicLink(file, folder.resolve("nothing"));
            case 4 -> {
                return false; // taken away
            }
            case 5 -> {
                bytes[random.nextInt(bytes.length)] = 1; // legal nowhere in JSON
                Files.write(file, bytes);
            }
            case 6 -> {
                Path target = folder.resolve("target");
                Files.write(target, bytes);
                Files.createSymbolicLink(file, target);
                return true;
            }
            case 7 -> {
                Files.write(file, text.getBytes(StandardCharsets.UTF_16));
                return true;
            }
            case 8 -> {
                Files.write(file, bytes);
                return true;
            }
            default -> {
                Path fresh = Files.write(folder.resolve("fresh"), bytes);
                Files.move(fresh, file, StandardCopyOption.REPLACE_EXISTING);
                return true;
            }
        }
        return false;
    }

    private void remove() throws IOException {
        Files.deleteIfExists(file);
    }

    private static String text(Random random, OddJson json, Set<String> hosts) {
        List<String> entries = new ArrayList<>();
        for (String host : hosts) {
            String id = "\"" + (random.nextInt(3) == 0 ? "\u4e2d " : "i") + host + "\"";
            if (random.nextInt(6) == 0) {
                entries.add(json.object(List.of("\"id\":" + id, "\"address\":" + json.one(NO_ADDRESSES))));
            }
            List<String> fields = new ArrayList<>();
            fields.add("\"address\":\"" + host + ":80\"");
            if (random.nextBoolean()) {
                fields.add("\"id\":" + id);
            }
            for (String name : List.of("weight", "zone", "version", "scheme", "tags", "metadata")) {
                if (random.nextBoolean()) {
                    fields.add("\"" + name + "\":" + json.any());
                }
            }
            entries.add(json.object(fields));
        }
        for (int i = random.nextInt(4); i > 0; i--) {
            entries.add(random.nextInt(entries.size() + 1), json.any());
        }
        List<String> services = new ArrayList<>();
        int split = random.nextInt(entries.size() + 1);
        services.add("\"orders\":[" + String.join(",", entries.subList(0, split)) + "]");
        services.add("\"" + json.one(List.of("orders", "Orders", "ORDERS")) + "\":["
                + String.join(",", entries.subList(split, entries.size())) + "]");
        for (String name : List.of("other", "no good", "", "\u4e2d", "Orders", "s1")) {
            if (random.nextInt(3) == 0) {
                services.add("\"" + name + "\":" + json.any());
            }
        }
        String comment = random.nextInt(4) == 0 ? "\"comment\":" + json.any() + "," : "";
        return blanks(random) + "{" + comment + "\"services\":" + json.object(services) + "}" + blanks(random);
    }

    private static final List<String> NO_ADDRESSES =
            List.of("\"\"", "null", "7", "[]", "\"10.0.0.1\"", "\"h:0\"", "\":80\"", "\"a b:80\"", "\"h:99999\"");

    private static String blanks(Random random) {
        return List.of("", "\n", " \t", "\r\n").get(random.nextInt(4));
    }
}
