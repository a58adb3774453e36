// SPDX-License-Identifier: Apache-2.0
package io.fairlead.peers.stork;

import io.smallrye.stork.api.LoadBalancer;
import io.smallrye.stork.api.Service;
import io.smallrye.stork.api.ServiceInstance;
import io.smallrye.stork.api.observability.NoopObservationCollector;
import io.smallrye.stork.impl.DefaultServiceInstance;
import io.smallrye.stork.impl.RoundRobinConfiguration;
import io.smallrye.stork.impl.RoundRobinLoadBalancerProvider;
import io.smallrye.stork.loadbalancer.leastresponsetime.LeastResponseTimeConfiguration;
import io.smallrye.stork.loadbalancer.leastresponsetime.LeastResponseTimeLoadBalancerProvider;
import io.smallrye.stork.loadbalancer.poweroftwochoices.PowerOfTwoChoicesConfiguration;
import io.smallrye.stork.loadbalancer.poweroftwochoices.PowerOfTwoChoicesLoadBalancerProvider;
import io.smallrye.stork.loadbalancer.requests.LeastRequestsConfiguration;
import io.smallrye.stork.loadbalancer.requests.LeastRequestsLoadBalancerProvider;
import java.util.ArrayList;
import java.util.List;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;

/** A pick from a list that is there, and its completion, through Stork's {@code Service} as its own clients use it. */
@State(Scope.Benchmark)
public class StorkBenchmark {
    /** Instances in the list. */
    @Param({"10", "100", "1000", "10000"})
    public int size;

    /** Stork's name of the strategy. */
    @Param({"round-robin", "power-of-two-choices", "least-requests", "least-response-time"})
    public String policy = "";

    private final List<ServiceInstance> instances = new ArrayList<>();
    private Service service;

    /** Fills the list. */
    @Setup
    public void fill() {
        for (int i = 0; i < size; i++) {
            instances.add(new DefaultServiceInstance(i, "10.0." + i / 250 + "." + (1 + i % 250), 8080, false));
        }
        LoadBalancer balancer = balancer();
        service = new Service.Builder(new NoopObservationCollector())
                .serviceName("orders")
                .serviceSelectionType(policy)
                .loadBalancer(balancer)
                .requiresStrictRecording(balancer.requiresStrictRecording())
                .build();
    }

    private LoadBalancer balancer() {
        return switch (policy) {
            case "round-robin" ->
                new RoundRobinLoadBalancerProvider().createLoadBalancer(new RoundRobinConfiguration(), null);
            case "power-of-two-choices" ->
                new PowerOfTwoChoicesLoadBalancerProvider()
                        .createLoadBalancer(new PowerOfTwoChoicesConfiguration(), null);
            case "least-requests" ->
                new LeastRequestsLoadBalancerProvider().createLoadBalancer(new LeastRequestsConfiguration(), null);
            case "least-response-time" ->
                new LeastResponseTimeLoadBalancerProvider()
                        .createLoadBalancer(new LeastResponseTimeConfiguration(), null);
            default -> throw new IllegalArgumentException("policy: " + policy);
        };
    }

    /** One pick and its completion. */
    @Benchmark
    public long pickAndComplete() {
        ServiceInstance picked = service.selectInstanceAndRecordStart(instances, true);
        if (picked.gatherStatistics()) {
            picked.recordReply();
            picked.recordEnd(null);
        }
        return picked.getId();
    }
}
