// SPDX-License-Identifier: Apache-2.0
package io.fairlead.consul;

import io.fairlead.api.RegistryException;
import io.fairlead.spi.Environment;
import java.util.List;
import java.util.Set;
import java.util.function.Supplier;

/**
 * Tells watches whose query is not held what changed, with four held queries for all of them: the services, the nodes, and
 * the checks that warn and that fail. These answer when their table was written. What a list is made of is in the four; which
 * service it was, names, tags and checks tell, and where they do not, all are read that wait ({@link Rereads}). A token sees
 * of a check what it sees of it in the list. Safe for any thread.
 */
final class Changes {
    static final int TABLES = 4;

    private final ConsulOptions options;
    private final Supplier<List<ConsulWatch>> watches;
    private final Environment environment;
    private final List<TableWatch> tables;
    private final Rereads rereads;

    /** @param watches all that are open */
    Changes(ConsulOptions options, ConsulHttp http, Environment environment, Supplier<List<ConsulWatch>> watches) {
        this.options = options;
        this.watches = watches;
        this.environment = environment;
        this.rereads = new Rereads("changes of " + options, http.thrifty(), watches);
        QuerySlots slots = new QuerySlots(() -> null);
        this.tables = List.of(
                new TableWatch(TableWatch.Table.SERVICES, this, options, http, slots, environment),
                new TableWatch(TableWatch.Table.NODES, this, options, http, slots, environment),
                new TableWatch(TableWatch.Table.WARNING, this, options, http, slots, environment),
                new TableWatch(TableWatch.Table.CRITICAL, this, options, http, slots, environment));
    }

    /** Called once. Who can not be started leaves everybody to their turns. */
    void start() {
        try {
            rereads.start();
            tables.forEach(TableWatch::start);
        } catch (Throwable refused) {
            environment.listener().onCallbackFailed("changes of " + options, refused);
        }
    }

    void close() {
        tables.forEach(TableWatch::close);
        rereads.close();
    }

    /** Whether all that changes is told of now. */
    boolean areTold() {
        return tables.stream().filter(TableWatch::isTelling).count() == TABLES;
    }

    /** A table answers, for the first time or again: what changed before that was not told. */
    void answersAgain() {
        if (areTold()) {
            rereads.sweep();
        }
    }

    /** These services changed; names in lower case. */
    void changed(Set<String> services) {
        rereads.changed(services);
    }

    /** Any service may have changed. */
    void unknownChanged() {
        rereads.sweep();
    }

    /** Nothing has changed, as far as one can be told. */
    void nothingChanged() {
        if (areTold()) {
            watches.get().forEach(ConsulWatch::confirm);
        }
    }

    /**
     * A table is not told of any more.
     *
     * @param isOutage whether nobody answers at all, as far as one can tell
     */
    void lost(RegistryException cause, boolean isOutage) {
        if (isOutage) {
            watches.get().forEach(watch -> watch.fail(cause));
        } else {
            rereads.sweep();
        }
    }

    /** A list changed. */
    void found() {
        rereads.found();
    }
}
