// SPDX-License-Identifier: Apache-2.0
package io.fairlead.consul;

import io.fairlead.api.RegistryException;
import io.fairlead.api.RegistryException.Reason;
import io.fairlead.api.ServiceInstance;
import io.fairlead.api.ServiceSnapshot;
import io.fairlead.spi.BackendWatch;
import io.fairlead.spi.Environment;
import io.fairlead.spi.RejectedEntries;
import io.fairlead.spi.SnapshotFeed;
import java.time.Duration;
import java.util.List;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/**
 * Follows one service. The index is what the last answer said, forgotten after every failure, because a restarted Consul
 * holds a query with an index from its former life for the whole wait. An answer with a lower one is not believed at
 * once: it may come from an agent that is behind. What is kept here belongs to the loop's serial queue.
 */
final class ConsulWatch implements BackendWatch, QueryLoop.Follower, Rereads.Reader {
    private final String service;
    private final ConsulOptions options;
    private final Environment environment;
    private final SnapshotFeed feed;
    private final Runnable onRecovered;
    private final QueryLoop loop;
    private final QuerySlots slots;
    private final ListedNames names;
    private final RejectedEntries rejected;
    private final Staleness staleness = new Staleness();
    private Seen seen = new Seen(0, 0, 0);
    private @Nullable HealthAnswer last;

    /** What the last list was read from. The index alone does not tell: it stands still when a token changes. */
    private record Seen(long index, long checksum, int credential) {}

    ConsulWatch(
            String service,
            ConsulHttp http,
            ConsulOptions options,
            QuerySlots slots,
            Environment environment,
            SnapshotFeed feed,
            Runnable onRecovered) {
        this.service = service;
        this.options = options;
        this.environment = environment;
        this.feed = feed;
        this.onRecovered = onRecovered;
        this.slots = slots;
        this.names = new ListedNames(service);
        this.rejected = new RejectedEntries(service, environment.listener());
        this.loop = new QueryLoop("watch of '" + service + "'", this, http, slots, options.hold(), environment);
    }

    @Override
    public void start() {
        loop.start();
    }

    @Override
    public void close() {
        loop.close();
    }

    /** Another watch of this agent works again: no use sleeping on. */
    void wake() {
        loop.wake();
    }

    @Override
    public String service() {
        return service;
    }

    /** Reads the list, unless a held query will bring it. */
    @Override
    public void readSoon() {
        loop.readSoon();
    }

    /** Nothing changed, as somebody else was told. */
    void confirm() {
        loop.whileWaiting(feed::confirm);
    }

    /** Nobody answers, as somebody else has found out. */
    void fail(RegistryException cause) {
        loop.fail(cause);
    }

    @Override
    public String path(long index, Duration hold) {
        return HealthQuery.path(service, options, index, hold);
    }

    @Override
    public void interrupted(RegistryException cause) {
        if (cause.reason() != Reason.INVALID_ANSWER) {
            staleness.interrupted();
        }
        feed.interrupt(cause);
    }

    @Override
    public void recovered() {
        onRecovered.run();
    }

    @Override
    public long answered(ConsulHttp.Answer answer) {
        if (!answer.isCurrent()) {
            throw new RegistryException(Reason.UNAVAILABLE, options + " has no leader, or lost touch with it");
        }
        long next = Math.max(1, answer.index());
        Seen now = new Seen(next, checksum(answer.body()), answer.credential());
        if (now.equals(seen) && feed.interruption() == null) {
            feed.confirm();
            staleness.news();
            return next;
        }
        HealthAnswer list = HealthAnswer.of(answer.body());
        if (next < seen.index && !believes(list, next)) {
            return 0;
        }
        List<ServiceInstance> instances = list.instances(service, names, rejected::tell, rejected::tellLeftOut);
        if (answer.index() > 0 && next == seen.index) {
            requireNoneMissing(instances, list, now);
        }
        if (instances.isEmpty() && answer.isCutByAcl()) {
            throw new RegistryException(
                    Reason.UNAUTHORIZED,
                    options + ": the token may read no instance of '" + service
                            + "' (expected: service:read, node:read)");
        }
        ServiceSnapshot before = feed.last();
        if (before != null && !before.instances().equals(instances)) {
            slots.listChanged();
        }
        feed.publish(instances);
        staleness.news();
        seen = now;
        last = list.withoutEntries();
        return next;
    }

    /**
     * Whether an answer with a lower index is the registry's new life, and not an agent's that is behind.
     *
     * @throws RegistryException when nothing else has come for long
     */
    private boolean believes(HealthAnswer list, long next) {
        RegistryException back = new RegistryException(
                Reason.INVALID_ANSWER,
                options + ": the index of '" + service + "' went back from " + seen.index + " to " + next
                        + " (expected: an agent that is not behind)");
        if (staleness.believes(list.sharesLifeWith(last), environment.ticker().nanos())) {
            // What this list lacks may still live.
            feed.interrupt(back);
            return true;
        }
        if (staleness.isLasting()) {
            throw back;
        }
        return false;
    }

    /**
     * Nobody leaves without moving the index. Either the token may not read all, of which Consul says nothing, and the list
     * stays; or Consul lost its state and came to the same index again, which is told once and then believed.
     */
    private void requireNoneMissing(List<ServiceInstance> instances, HealthAnswer list, Seen now) {
        ServiceSnapshot before = feed.last();
        int missing = before == null ? 0 : before.instances().size() - instances.size();
        RegistryException interruption = feed.interruption();
        boolean lost = interruption != null && interruption.reason() != Reason.UNAUTHORIZED;
        if (missing <= 0) {
            return;
        }
        String what = options + ": " + missing + " instances of '" + service + "' are missing though its index stands"
                + " still at " + now.index;
        boolean rights = now.credential != seen.credential || (now.credential != 0 && !lost && list.isPartOf(last));
        if (rights) {
            throw new RegistryException(Reason.UNAUTHORIZED, what + " (expected: a token that may read them)");
        }
        if (!lost) {
            throw new RegistryException(Reason.INVALID_ANSWER, what + " (expected: a higher one; was its state lost?)");
        }
    }

    private static long checksum(byte[] body) {
        CRC32C checksum = new CRC32C();
        checksum.update(body);
        return checksum.getValue();
    }

    /** A single read. */
    static List<ServiceInstance> readOnce(
            String service, ConsulHttp http, ConsulOptions options, Environment environment, Duration deadline) {
        ConsulHttp.Answer answer = http.getNow(HealthQuery.path(service, options, 0, options.hold()), deadline);
        RejectedEntries told = new RejectedEntries(service, environment.listener());
        return HealthAnswer.of(answer.body())
                .instances(service, new ListedNames(service), told::tell, told::tellLeftOut);
    }
}
