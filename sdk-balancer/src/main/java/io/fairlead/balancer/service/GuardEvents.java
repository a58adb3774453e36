// SPDX-License-Identifier: Apache-2.0
package io.fairlead.balancer.service;

import io.fairlead.api.EventListener;
import io.fairlead.api.GuardState;
import io.fairlead.api.ServiceInstance;

/**
 * What a guard hears as its environment's listener: passes its news on, and has the instance's health derived anew, so
 * that a change is told when it happens and not at the next evaluation.
 */
final class GuardEvents implements EventListener {
    private final InstanceState state;
    private final EventListener listener;

    GuardEvents(InstanceState state, EventListener listener) {
        this.state = state;
        this.listener = listener;
    }

    @Override
    public void onGuardChanged(ServiceInstance instance, GuardState from, GuardState to, String reason) {
        // Before anybody is told, who may take long over it: from now on every attempt asks the guard.
        state.watch();
        listener.onGuardChanged(state.instance(), from, to, reason);
        state.guardChanged();
    }

    @Override
    public void onCallbackFailed(String where, Throwable failure) {
        listener.onCallbackFailed(where, failure);
    }
}
