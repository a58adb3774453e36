// SPDX-License-Identifier: Apache-2.0
package io.fairlead.peers.breakers;

import com.alibaba.csp.sentinel.SphU;
import com.alibaba.csp.sentinel.context.Context;
import com.alibaba.csp.sentinel.context.ContextUtil;
import com.alibaba.csp.sentinel.slots.block.BlockException;
import com.alibaba.csp.sentinel.slots.block.RuleConstant;
import com.alibaba.csp.sentinel.slots.block.degrade.DegradeRule;
import com.alibaba.csp.sentinel.slots.block.degrade.circuitbreaker.ExceptionCircuitBreaker;
import java.time.Duration;

/** Sentinel's breaker alone, without the chain of slots around it; each thread stays in one entry. */
final class SentinelSubject implements Subject {
    private final ExceptionCircuitBreaker breaker;

    SentinelSubject(Duration window) {
        DegradeRule rule = new DegradeRule("orders");
        rule.setGrade(RuleConstant.DEGRADE_GRADE_EXCEPTION_RATIO)
                .setCount(0.5)
                .setMinRequestAmount(20)
                .setStatIntervalMs((int) window.toMillis())
                .setTimeWindow((int) Duration.ofHours(1).toSeconds());
        breaker = new ExceptionCircuitBreaker(rule);
    }

    private static Context context() {
        Context context = ContextUtil.getContext();
        return context == null ? entered() : context;
    }

    private static Context entered() {
        try {
            SphU.entry("measured");
            return ContextUtil.getContext();
        } catch (BlockException blocked) {
            throw new IllegalStateException(blocked);
        }
    }

    @Override
    public boolean call() {
        Context context = context();
        if (!breaker.tryPass(context)) {
            return false;
        }
        breaker.onRequestComplete(context);
        return true;
    }

    @Override
    public void open() {
        Context context = context();
        context.getCurEntry().setError(new IllegalStateException("made to fail"));
        while (breaker.tryPass(context)) {
            breaker.onRequestComplete(context);
        }
    }

    @Override
    public Object breaker() {
        return breaker;
    }
}
