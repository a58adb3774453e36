// SPDX-License-Identifier: Apache-2.0
package io.fairlead.peers.dubbo;

import java.util.ArrayList;
import java.util.List;
import org.apache.dubbo.common.URL;
import org.apache.dubbo.rpc.AdaptiveMetrics;
import org.apache.dubbo.rpc.Invoker;
import org.apache.dubbo.rpc.RpcInvocation;
import org.apache.dubbo.rpc.RpcStatus;
import org.apache.dubbo.rpc.cluster.LoadBalance;
import org.apache.dubbo.rpc.model.ApplicationModel;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;

/** A pick by an extension of Dubbo's, and the completion that Dubbo's filters note for those that learn from it. */
@State(Scope.Benchmark)
public class DubboBenchmark {
    private static final String METHOD = "run";

    /** Instances in the list. */
    @Param({"10", "100", "1000", "10000"})
    public int size;

    /** Dubbo's name of the extension. */
    @Param({"roundrobin", "leastactive", "adaptive"})
    public String policy = "";

    private final List<Invoker<Runnable>> invokers = new ArrayList<>();
    private LoadBalance balancer;
    private AdaptiveMetrics metrics;
    private URL consumer;
    private boolean countsCalls;
    private boolean countsSuccesses;

    /** Fills the list. */
    @Setup
    public void fill() {
        for (int i = 0; i < size; i++) {
            String address = "10.0." + i / 250 + "." + (1 + i % 250) + ":8080";
            invokers.add(
                    new Target(URL.valueOf("tri://" + address + "/java.lang.Runnable?interface=java.lang.Runnable")));
        }
        ApplicationModel model = ApplicationModel.defaultModel();
        balancer = model.getExtensionLoader(LoadBalance.class).getExtension(policy, false);
        metrics = model.getBeanFactory().getBean(AdaptiveMetrics.class);
        countsCalls = policy.equals("leastactive");
        countsSuccesses = policy.equals("adaptive");
        consumer = URL.valueOf("consumer://10.1.0.1/java.lang.Runnable?interface=java.lang.Runnable");
    }

    /** One pick for an invocation of its own, and its completion. */
    @Benchmark
    public Object pickAndComplete() {
        RpcInvocation invocation =
                new RpcInvocation(METHOD, "java.lang.Runnable", "java.lang.Runnable", new Class<?>[0], new Object[0]);
        Invoker<Runnable> picked = balancer.select(invokers, consumer, invocation);
        if (countsCalls) {
            RpcStatus.beginCount(picked.getUrl(), METHOD);
            RpcStatus.endCount(picked.getUrl(), METHOD, 1, true);
        } else if (countsSuccesses) {
            metrics.addConsumerSuccess((String) invocation.getAttributes().get(picked));
        }
        return picked;
    }
}
