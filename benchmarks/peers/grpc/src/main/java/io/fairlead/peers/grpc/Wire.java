// SPDX-License-Identifier: Apache-2.0
package io.fairlead.peers.grpc;

import io.grpc.ChannelLogger;
import io.grpc.ConnectivityState;
import io.grpc.EquivalentAddressGroup;
import io.grpc.LoadBalancer;
import io.grpc.ManagedChannel;
import io.grpc.SynchronizationContext;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;

/** The channel's side of a balancer: hands out connections and keeps the picker, as a channel does. */
final class Wire extends LoadBalancer.Helper {
    static final ChannelLogger SILENT = new ChannelLogger() {
        @Override
        public void log(ChannelLogLevel level, String message) {}

        @Override
        public void log(ChannelLogLevel level, String format, Object... arguments) {}
    };

    private final SynchronizationContext context = new SynchronizationContext((thread, failure) -> {
        throw new IllegalStateException(failure);
    });
    private final ScheduledExecutorService timer = Executors.newSingleThreadScheduledExecutor(task -> {
        Thread thread = new Thread(task, "timer");
        thread.setDaemon(true);
        return thread;
    });
    private volatile LoadBalancer.SubchannelPicker picker;
    private volatile ConnectivityState state = ConnectivityState.IDLE;

    LoadBalancer.SubchannelPicker picker() {
        return picker;
    }

    ConnectivityState state() {
        return state;
    }

    @Override
    public LoadBalancer.Subchannel createSubchannel(LoadBalancer.CreateSubchannelArgs args) {
        return new Ready(args.getAddresses());
    }

    @Override
    public void updateBalancingState(ConnectivityState newState, LoadBalancer.SubchannelPicker newPicker) {
        state = newState;
        picker = newPicker;
    }

    @Override
    public SynchronizationContext getSynchronizationContext() {
        return context;
    }

    @Override
    public ScheduledExecutorService getScheduledExecutorService() {
        return timer;
    }

    @Override
    public ChannelLogger getChannelLogger() {
        return SILENT;
    }

    @Override
    public void refreshNameResolution() {}

    @Override
    public ManagedChannel createOobChannel(EquivalentAddressGroup group, String authority) {
        throw new UnsupportedOperationException("no balancer measured here asks for one");
    }

    @Override
    public String getAuthority() {
        return "orders";
    }
}
