// SPDX-License-Identifier: Apache-2.0
package io.fairlead.peers.spring;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.springframework.cloud.client.DefaultServiceInstance;
import org.springframework.cloud.client.ServiceInstance;
import org.springframework.cloud.client.loadbalancer.LoadBalancerClient;
import org.springframework.cloud.loadbalancer.core.ReactorServiceInstanceLoadBalancer;
import org.springframework.cloud.loadbalancer.core.RoundRobinLoadBalancer;
import org.springframework.cloud.loadbalancer.core.ServiceInstanceListSupplier;
import org.springframework.cloud.loadbalancer.support.ServiceInstanceListSuppliers;
import org.springframework.cloud.loadbalancer.support.SimpleObjectProvider;
import org.springframework.context.ConfigurableApplicationContext;

/**
 * A pick: the balancer bare, over a list that is there, and what a blocking client of a default application goes
 * through ({@code blocking_client}). None of them wants to hear of a completion.
 */
@State(Scope.Benchmark)
public class SpringBenchmark {
    /** Instances in the list. */
    @Param({"10", "100", "1000", "10000"})
    public int size;

    /** Spring's balancer. */
    @Param({"round_robin", "blocking_client"})
    public String policy = "";

    private Supplier<ServiceInstance> picks;
    private ConfigurableApplicationContext application;

    /** Fills the list. */
    @Setup
    public void fill() {
        List<ServiceInstance> instances = new ArrayList<>();
        for (int i = 0; i < size; i++) {
            instances.add(new DefaultServiceInstance(
                    "i" + i, "orders", "10.0." + i / 250 + "." + (1 + i % 250), 8080, false));
        }
        SimpleObjectProvider<ServiceInstanceListSupplier> suppliers = new SimpleObjectProvider<>(
                ServiceInstanceListSuppliers.from("orders", instances.toArray(ServiceInstance[]::new)));
        picks = switch (policy) {
            case "round_robin" -> bare(new RoundRobinLoadBalancer(suppliers, "orders"));
            case "blocking_client" -> whole(instances);
            default -> throw new IllegalArgumentException("policy: " + policy);
        };
        if (picks.get() == null) {
            throw new IllegalStateException("nothing to pick from");
        }
    }

    private static Supplier<ServiceInstance> bare(ReactorServiceInstanceLoadBalancer balancer) {
        return () -> balancer.choose().block().getServer();
    }

    private Supplier<ServiceInstance> whole(List<ServiceInstance> instances) {
        application = Catalogue.with(instances);
        LoadBalancerClient client = application.getBean(LoadBalancerClient.class);
        return () -> client.choose("orders");
    }

    /** Ends the application. */
    @TearDown
    public void close() {
        if (application != null) {
            application.close();
        }
    }

    /** One pick. */
    @Benchmark
    public ServiceInstance pickAndComplete() {
        return picks.get();
    }
}
