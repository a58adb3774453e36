// SPDX-License-Identifier: Apache-2.0
package io.fairlead.balancer.service;

/** Nobody needs to know who is out. */
final class Deaf implements EjectionQuota.Listener {
    @Override
    public void onEjectionChanged(InstanceState state, boolean ejected) {}

    @Override
    public void onEjectionRefused(InstanceState state, String reason) {}
}
