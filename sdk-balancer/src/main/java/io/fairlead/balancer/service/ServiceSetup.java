// SPDX-License-Identifier: Apache-2.0
package io.fairlead.balancer.service;

import io.fairlead.api.PickContext;
import io.fairlead.balancer.Retries;
import io.fairlead.balancer.ServiceOptions;
import io.fairlead.balancer.stage.Nanos;
import io.fairlead.balancer.stage.ServiceStages;

/**
 * One set of options of a service and what was made of them. A call takes the one in force when it begins and keeps it to
 * its end: stages, retries, and the choice its attempts pick from. When other options come into force, the choice of this
 * one stays as it is. Any thread reads; only the service's updates write.
 */
public final class ServiceSetup {
    private final ServiceOptions options;
    private final ServiceStages stages;
    private final Retries retries;
    private final long firstListNanos;
    private volatile Choice choice;

    ServiceSetup(ServiceOptions options, ServiceStages stages, Choice choice) {
        this.options = options;
        this.stages = stages;
        this.retries = options.retries();
        this.firstListNanos = Nanos.of(options.firstListTimeout());
        this.choice = choice;
    }

    public ServiceOptions options() {
        return options;
    }

    public ServiceStages stages() {
        return stages;
    }

    public Retries retries() {
        return retries;
    }

    /** The longest wait of a call for the service's first list. */
    public long firstListNanos() {
        return firstListNanos;
    }

    /** Whether the call could go to an instance that it has not tried. */
    public boolean hasUntried(PickContext context) {
        return choice.hasUntried(context);
    }

    Choice choice() {
        return choice;
    }

    void choose(Choice made) {
        choice = made;
    }
}
