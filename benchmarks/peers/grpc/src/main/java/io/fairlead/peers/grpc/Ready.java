// SPDX-License-Identifier: Apache-2.0
package io.fairlead.peers.grpc;

import io.grpc.Attributes;
import io.grpc.ChannelLogger;
import io.grpc.ConnectivityState;
import io.grpc.ConnectivityStateInfo;
import io.grpc.EquivalentAddressGroup;
import io.grpc.LoadBalancer;
import java.util.List;

/** A connection that is ready as soon as it is asked for. */
final class Ready extends LoadBalancer.Subchannel {
    private List<EquivalentAddressGroup> addresses;
    private LoadBalancer.SubchannelStateListener listener = state -> {};

    Ready(List<EquivalentAddressGroup> addresses) {
        this.addresses = addresses;
    }

    @Override
    public void start(LoadBalancer.SubchannelStateListener newListener) {
        listener = newListener;
    }

    @Override
    public void requestConnection() {
        listener.onSubchannelState(ConnectivityStateInfo.forNonError(ConnectivityState.CONNECTING));
        listener.onSubchannelState(ConnectivityStateInfo.forNonError(ConnectivityState.READY));
    }

    @Override
    public void shutdown() {
        listener.onSubchannelState(ConnectivityStateInfo.forNonError(ConnectivityState.SHUTDOWN));
    }

    @Override
    public List<EquivalentAddressGroup> getAllAddresses() {
        return addresses;
    }

    @Override
    public void updateAddresses(List<EquivalentAddressGroup> newAddresses) {
        addresses = newAddresses;
    }

    @Override
    public ChannelLogger getChannelLogger() {
        return Wire.SILENT;
    }

    @Override
    public Attributes getAttributes() {
        return Attributes.EMPTY;
    }
}
