// SPDX-License-Identifier: Apache-2.0
package io.fairlead.balancer;

import io.fairlead.api.PickContext;
import io.fairlead.spi.Picker;
import org.jspecify.annotations.Nullable;

/**
 * What a call needs to pick, published as one immutable object.
 *
 * @param picker over the usable instances, null when there is none
 * @param usable what the picker chooses among
 * @param ejected usable by the registry but out by our own decision: waiting for probes, not among the picker's
 * @param all every instance that may be used when no usable one will do: registry-critical and guarded ones too
 * @param known number of instances known, in whatever state
 * @param panic whether so few are usable that all are used
 */
record Choice(
        @Nullable Picker picker,
        InstanceState[] usable,
        InstanceState[] ejected,
        InstanceState[] all,
        int known,
        boolean panic) {
    private static final InstanceState[] NONE = new InstanceState[0];
    private static final int LOOKS = 4;
    static final Choice NOTHING = new Choice(null, NONE, NONE, NONE, 0, false);

    /**
     * An ejected instance that waits for a live call to find out whether it is well, or null. Looks at a few only, from a
     * place that moves with time, so that many ejected ones cost a call no more than one.
     */
    @Nullable
    InstanceState dueProbe(PickContext context, long nowNanos) {
        int start = (int) (nowNanos >>> 10);
        int looks = Math.min(LOOKS, ejected.length);
        for (int i = 0; i < looks; i++) {
            InstanceState state = ejected[Math.floorMod(start + i, ejected.length)];
            if (state.isProbeDue(context, nowNanos)) {
                return state;
            }
        }
        return null;
    }

    /**
     * An instance the call has not tried, whatever its guard says: better than no instance. Usable ones come first; the
     * search starts anywhere, so that the load spreads.
     */
    @Nullable
    InstanceState lastResort(PickContext context, int start) {
        InstanceState found = search(usable, context, start);
        if (found == null) {
            found = search(ejected, context, start);
        }
        return found != null ? found : search(all, context, start);
    }

    private static @Nullable InstanceState search(InstanceState[] states, PickContext context, int start) {
        for (int i = 0; i < states.length; i++) {
            InstanceState state = states[Math.floorMod(start + i, states.length)];
            if (!context.excludes(state.instance())) {
                return state;
            }
        }
        return null;
    }
}
