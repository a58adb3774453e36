// SPDX-License-Identifier: Apache-2.0
package io.fairlead.peers.ribbon;

import com.netflix.loadbalancer.BaseLoadBalancer;
import com.netflix.loadbalancer.IRule;
import com.netflix.loadbalancer.LoadBalancerContext;
import com.netflix.loadbalancer.LoadBalancerStats;
import com.netflix.loadbalancer.RoundRobinRule;
import com.netflix.loadbalancer.Server;
import com.netflix.loadbalancer.ServerStats;
import com.netflix.loadbalancer.ZoneAvoidanceRule;
import java.util.ArrayList;
import java.util.List;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;

/** A pick; for the rule that wants it the completion too, as Ribbon's clients note it; and a list that changes by one. */
@State(Scope.Benchmark)
public class RibbonBenchmark {
    /** Instances in the list. */
    @Param({"10", "100", "1000", "10000"})
    public int size;

    /** Ribbon's rule. */
    @Param({"round_robin", "zone_avoidance"})
    public String policy = "";

    private final List<Server> servers = new ArrayList<>();
    private BaseLoadBalancer balancer;
    private LoadBalancerContext context;
    private boolean completes;
    private int port = 8080;

    /** Fills the list. */
    @Setup
    public void fill() {
        for (int i = 0; i < size; i++) {
            servers.add(server(i, port));
        }
        completes = policy.equals("zone_avoidance");
        IRule rule = completes ? new ZoneAvoidanceRule() : new RoundRobinRule();
        balancer = new BaseLoadBalancer("orders", rule, new LoadBalancerStats("orders"));
        balancer.setServersList(servers);
        context = new LoadBalancerContext(balancer);
        if (balancer.chooseServer(null) == null) {
            throw new IllegalStateException("nothing to pick from");
        }
    }

    /** Ends its timers. */
    @TearDown
    public void close() {
        balancer.shutdown();
    }

    private static Server server(int i, int port) {
        Server server = new Server("10.0." + i / 250 + "." + (1 + i % 250), port);
        server.setZone("a");
        return server;
    }

    /** One pick and, where the rule learns from it, its completion. */
    @Benchmark
    public Server pickAndComplete() {
        Server picked = balancer.chooseServer(null);
        if (completes) {
            ServerStats stats = context.getServerStats(picked);
            context.noteOpenConnection(stats);
            context.noteRequestCompletion(stats, this, null, 1, null);
        }
        return picked;
    }

    /** One server moves to another port. */
    @Benchmark
    public Server changeOne() {
        port = port % 10_000 + 1;
        servers.set(size / 2, server(size / 2, port));
        balancer.setServersList(servers);
        return balancer.chooseServer(null);
    }
}
