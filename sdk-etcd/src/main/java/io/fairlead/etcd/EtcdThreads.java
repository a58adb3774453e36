// SPDX-License-Identifier: Apache-2.0
package io.fairlead.etcd;

import io.fairlead.spi.kit.SystemThreads;
import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ClientCall;
import io.grpc.ClientInterceptor;
import io.grpc.MethodDescriptor;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * The few daemons on which the client and gRPC tell their news; they end after a second without work. Left to themselves,
 * both would take a thread for each answer that comes at the same time. Nothing that runs here blocks.
 */
final class EtcdThreads implements ClientInterceptor {
    private static final int WIDTH = 3;

    private final ThreadPoolExecutor executor;

    EtcdThreads() {
        AtomicInteger number = new AtomicInteger();
        this.executor = new ThreadPoolExecutor(WIDTH, WIDTH, 1, TimeUnit.SECONDS, new LinkedBlockingQueue<>(), task -> {
            Thread thread = SystemThreads.thread(task, "fairlead-etcd-" + number.incrementAndGet());
            thread.setDaemon(true);
            return thread;
        });
        executor.allowCoreThreadTimeOut(true);
    }

    ThreadPoolExecutor executor() {
        return executor;
    }

    @Override
    public <Q, A> ClientCall<Q, A> interceptCall(MethodDescriptor<Q, A> method, CallOptions options, Channel next) {
        return next.newCall(method, options.withExecutor(executor));
    }
}
