// SPDX-License-Identifier: Apache-2.0
package io.fairlead.balancer.call;

import io.fairlead.balancer.AsyncTransport;
import io.fairlead.balancer.Attempt;
import io.fairlead.balancer.Transport;
import io.fairlead.balancer.Verdict;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.concurrent.FutureTask;

/**
 * Sends the attempts of a blocking client on workers, so that two of one call can run side by side. A loser's worker is
 * interrupted.
 *
 * @param <R> the client's response
 */
public record WorkerTransport<R>(Transport<R> transport, Executor workers) implements AsyncTransport<R> {
    @Override
    public CompletionStage<R> send(Attempt attempt) {
        CompletableFuture<R> answer = new CompletableFuture<>();
        FutureTask<Void> work = new FutureTask<>(() -> {
            try {
                R received = transport.send(attempt);
                if (!answer.complete(received)) {
                    transport.discard(received);
                }
            } catch (Throwable failure) {
                boolean unused = answer.completeExceptionally(failure);
            }
            return null;
        });
        answer.whenComplete((received, failure) -> {
            if (answer.isCancelled()) {
                try {
                    transport.abort(attempt);
                } finally {
                    boolean unused = work.cancel(true);
                }
            }
        });
        workers.execute(work);
        return answer;
    }

    @Override
    public Verdict judge(R response) {
        return transport.judge(response);
    }

    @Override
    public Verdict judge(Exception failure) {
        return transport.judge(failure);
    }

    @Override
    public void discard(R response) {
        transport.discard(response);
    }

    @Override
    public boolean isStreaming(R response) {
        return transport.isStreaming(response);
    }

    @Override
    public boolean isWaitingForUs(Attempt attempt) {
        return transport.isWaitingForUs(attempt);
    }
}
