// SPDX-License-Identifier: Apache-2.0
package io.fairlead.balancer.service;

import io.fairlead.balancer.ServiceOptions;
import io.fairlead.balancer.stage.ServiceStages;
import io.fairlead.spi.LatencyMemory;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;

/**
 * Other options of a service, and everything that a user's code makes of them: ready to be put in force, or dropped.
 *
 * @param base what was in force when this was made
 * @param guard the guard of the whole service
 * @param instances null when nothing differs that instances or choices depend on
 */
record NextSetup(
        ServiceOptions options,
        ServiceSetup base,
        ServiceStages.NextGuard guard,
        @Nullable Instances instances) {

    /** The same options as before. */
    static NextSetup same(ServiceSetup base) {
        return new NextSetup(base.options(), base, ServiceStages.NextGuard.NONE, null);
    }

    boolean isSame() {
        return options == base.options();
    }

    /**
     * What instances have in common, where rules send calls, who chooses among them, and what was chosen.
     *
     * @param version of the members that the choice was made of
     * @param isSameGuard whether instances keep their guards as they are
     * @param adoptions what brings the guards that there were under the next options
     */
    record Instances(
            int version,
            @Nullable Routing routing,
            LatencyMemory memory,
            @Nullable LongAdder inFlight,
            List<Chooser> choosers,
            boolean isSameGuard,
            Map<InstanceState, Runnable> adoptions,
            Choice[] choices) {}
}
