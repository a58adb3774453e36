// SPDX-License-Identifier: Apache-2.0
package io.fairlead.consul;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.databind.JsonNode;
import io.fairlead.api.RegistryException;
import io.fairlead.api.RegistryException.Reason;
import io.fairlead.spi.Environment;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.zip.CRC32C;

/**
 * Follows one table of the catalog and finds by comparison which services changed. Its answers are short: an instance is
 * what its worst check says, so the checks that pass, nearly all, are not asked for. What is kept here belongs to the loop's
 * serial queue, unless it says otherwise.
 */
final class TableWatch implements QueryLoop.Follower {
    private static final int LONGEST = 4 << 20;
    /** Many hear of an agent that hangs from here. */
    private static final Duration LONGEST_HOLD = Duration.ofSeconds(10);

    /** A megabyte a second: a table of which much is written is not asked for as soon as it changed. */
    private static final long NANOS_A_BYTE = 1_000;

    private static final long REFUSED_PAUSE_NANOS = TimeUnit.SECONDS.toNanos(60);

    private final Table table;
    private final Changes changes;
    private final ConsulOptions options;
    private final QueryLoop loop;
    private volatile boolean telling; // read by any thread
    private boolean unreachable;
    private Seen seen = new Seen(0, 0, false);
    private Map<String, Long> sums = Map.of();

    /** What is asked for. */
    enum Table {
        /** Names and tags; any registration. */
        SERVICES("/v1/catalog/services?", true),
        /** Addresses and metadata of nodes; that they were written says it all. */
        NODES("/v1/catalog/nodes?filter=" + ConsulHttp.encode("Node == \"\"") + "&", true),
        WARNING("/v1/health/state/warning?", false),
        CRITICAL("/v1/health/state/critical?", false);

        private final String path;
        private final boolean hidesWho;

        Table(String path, boolean hidesWho) {
            this.path = path;
            this.hidesWho = hidesWho;
        }
    }

    /** What tells of a change of anybody. */
    private record Seen(long index, int credential, boolean cut) {}

    TableWatch(
            Table table,
            Changes changes,
            ConsulOptions options,
            ConsulHttp http,
            QuerySlots slots,
            Environment environment) {
        this.table = table;
        this.changes = changes;
        this.options = options;
        Duration hold = options.hold().compareTo(LONGEST_HOLD) < 0 ? options.hold() : LONGEST_HOLD;
        this.loop = new QueryLoop("changes of " + options, this, http, slots, hold, environment);
    }

    void start() {
        loop.start();
    }

    void close() {
        loop.close();
    }

    /** Whether it answers. */
    boolean isTelling() {
        return telling;
    }

    @Override
    public String path(long index, Duration hold) {
        return HealthQuery.table(table.path, options, index, hold);
    }

    @Override
    public int longest() {
        return LONGEST;
    }

    @Override
    public long pause(ConsulHttp.Answer answer) {
        return answer.body().length * NANOS_A_BYTE;
    }

    @Override
    public long pause(RegistryException cause) {
        return switch (cause.reason()) {
            case UNREACHABLE, UNAVAILABLE -> cause.retryAfter().toNanos();
            case UNAUTHORIZED, INVALID_ANSWER, REJECTED -> REFUSED_PAUSE_NANOS;
        };
    }

    @Override
    public long answered(ConsulHttp.Answer answer) {
        if (!answer.isCurrent()) {
            throw new RegistryException(Reason.UNAVAILABLE, options + " has no leader, or lost touch with it");
        }
        if (answer.index() == 0) {
            throw new RegistryException(Reason.INVALID_ANSWER, options + " tells no index of its " + table);
        }
        Seen now = new Seen(answer.index(), answer.credential(), answer.isCutByAcl());
        if (telling && now.equals(seen)) {
            if (table == Table.SERVICES) {
                changes.nothingChanged();
            }
            return now.index;
        }
        Map<String, Long> next = sums(answer.body());
        Set<String> changed = difference(sums, next);
        boolean anybody = table.hidesWho || changed.remove("") || now.index < seen.index;
        boolean rights = now.credential != seen.credential || now.cut != seen.cut;
        sums = next;
        seen = now;
        unreachable = false;
        if (!telling) {
            telling = true;
            changes.answersAgain();
            return now.index;
        }
        if (!changed.isEmpty()) {
            changes.changed(changed);
        }
        if (anybody || rights) {
            changes.unknownChanged();
        }
        return now.index;
    }

    /** The first silence may be one connection's. */
    @Override
    public void interrupted(RegistryException cause) {
        boolean silent = cause.reason() == Reason.UNREACHABLE;
        boolean isOutage = silent && unreachable;
        if (telling || isOutage) {
            telling = false;
            changes.lost(cause, isOutage);
        }
        unreachable = silent;
    }

    @Override
    public void recovered() {
        // Whoever failed meanwhile asks again by itself.
    }

    private static Set<String> difference(Map<String, Long> before, Map<String, Long> now) {
        Set<String> changed = new HashSet<>();
        before.forEach((service, sum) -> {
            if (!sum.equals(now.get(service))) {
                changed.add(service);
            }
        });
        now.keySet().stream().filter(service -> !before.containsKey(service)).forEach(changed::add);
        return changed;
    }

    /** For each service a sum of its tags or checks, in whatever order; checks of nodes under no name. */
    private Map<String, Long> sums(byte[] body) {
        Map<String, Long> found = new HashMap<>();
        if (table == Table.NODES) {
            return found;
        }
        // One element at a time: the whole tree takes ten times the room.
        try (JsonParser parser = HealthAnswer.JSON.createParser(body)) {
            JsonToken open = parser.nextToken();
            if (open == JsonToken.START_OBJECT && table == Table.SERVICES) {
                for (String name = parser.nextFieldName(); name != null; name = parser.nextFieldName()) {
                    parser.nextToken();
                    long sum = 1;
                    for (JsonNode tag : parser.<JsonNode>readValueAsTree()) {
                        sum += sum(tag.asText(""));
                    }
                    found.merge(name.toLowerCase(Locale.ROOT), sum, Long::sum);
                }
                return found;
            }
            if (open == JsonToken.START_ARRAY && table != Table.SERVICES) {
                while (parser.nextToken() == JsonToken.START_OBJECT) {
                    JsonNode check = parser.readValueAsTree();
                    String service = check.path("ServiceName").asText("").toLowerCase(Locale.ROOT);
                    String id = check.path("Node").asText("")
                            + '\0'
                            + check.path("CheckID").asText("");
                    found.merge(service, sum(id), Long::sum);
                }
                return found;
            }
        } catch (IOException notJson) {
            throw new RegistryException(Reason.INVALID_ANSWER, options + " sent no JSON for its " + table, notJson);
        }
        throw new RegistryException(Reason.INVALID_ANSWER, options + " sent something else for its " + table);
    }

    private static long sum(String text) {
        CRC32C checksum = new CRC32C();
        checksum.update(text.getBytes(StandardCharsets.UTF_8));
        return checksum.getValue() << 32 ^ (text.hashCode() & 0xffff_ffffL);
    }
}
