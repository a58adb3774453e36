// SPDX-License-Identifier: Apache-2.0
package io.fairlead.peers.grpc;

import io.grpc.Attributes;
import io.grpc.CallOptions;
import io.grpc.ClientStreamTracer;
import io.grpc.ConnectivityState;
import io.grpc.EquivalentAddressGroup;
import io.grpc.LoadBalancer;
import io.grpc.LoadBalancer.PickResult;
import io.grpc.LoadBalancerProvider;
import io.grpc.LoadBalancerRegistry;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.Status;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;

/**
 * A pick by the picker a channel would hold, with the stream tracer that counts calls where there is one; a changed list.
 * Without load reports of the servers {@code weighted_round_robin} is {@code round_robin}, and is left out.
 */
@State(Scope.Benchmark)
public class GrpcBenchmark {
    private static final ClientStreamTracer.StreamInfo STREAM =
            ClientStreamTracer.StreamInfo.newBuilder().build();

    /** Instances in the list. */
    @Param({"10", "100", "1000", "10000"})
    public int size;

    /** gRPC's name of the policy. */
    @Param({"round_robin", "least_request_experimental"})
    public String policy = "";

    private final Call call = new Call();
    private final Wire wire = new Wire();
    private final List<EquivalentAddressGroup> groups = new ArrayList<>();
    private Object config;
    private LoadBalancer balancer;
    private int port = 8080;

    /** Connects to all. */
    @Setup
    public void fill() {
        for (int i = 0; i < size; i++) {
            groups.add(group(i, port));
        }
        LoadBalancerProvider provider =
                LoadBalancerRegistry.getDefaultRegistry().getProvider(policy);
        config = provider.parseLoadBalancingPolicyConfig(Map.of()).getConfig();
        balancer = provider.newLoadBalancer(wire);
        resolve();
        if (wire.state() != ConnectivityState.READY) {
            throw new IllegalStateException("state: " + wire.state() + " (expected: READY)");
        }
    }

    private static EquivalentAddressGroup group(int i, int port) {
        return new EquivalentAddressGroup(
                InetSocketAddress.createUnresolved("10.0." + i / 250 + "." + (1 + i % 250), port));
    }

    private void resolve() {
        wire.getSynchronizationContext()
                .execute(() -> balancer.acceptResolvedAddresses(LoadBalancer.ResolvedAddresses.newBuilder()
                        .setAddresses(List.copyOf(groups))
                        .setLoadBalancingPolicyConfig(config)
                        .build()));
    }

    /** One pick and its completion. */
    @Benchmark
    public Object pickAndComplete() {
        PickResult picked = wire.picker().pickSubchannel(call);
        ClientStreamTracer.Factory factory = picked.getStreamTracerFactory();
        if (factory != null) {
            ClientStreamTracer tracer = factory.newClientStreamTracer(STREAM, call.getHeaders());
            tracer.streamCreated(Attributes.EMPTY, call.getHeaders());
            tracer.streamClosed(Status.OK);
        }
        return picked.getSubchannel();
    }

    /** One address moves to another port, and is connected. */
    @Benchmark
    public Object changeOne() {
        port = port % 10_000 + 1;
        groups.set(size / 2, group(size / 2, port));
        resolve();
        return wire.picker().pickSubchannel(call);
    }

    private static final class Call extends LoadBalancer.PickSubchannelArgs {
        private final Metadata headers = new Metadata();

        @Override
        public CallOptions getCallOptions() {
            return CallOptions.DEFAULT;
        }

        @Override
        public Metadata getHeaders() {
            return headers;
        }

        @Override
        public MethodDescriptor<?, ?> getMethodDescriptor() {
            throw new UnsupportedOperationException("no policy measured here asks for it");
        }
    }
}
