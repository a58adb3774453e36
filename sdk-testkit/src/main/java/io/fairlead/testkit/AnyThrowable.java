// SPDX-License-Identifier: Apache-2.0
package io.fairlead.testkit;

import java.util.concurrent.RejectedExecutionException;
import java.util.stream.Stream;

/** Every kind of throwable a callback or a task may end with, and a way to throw it. Stateless, safe for any thread. */
public final class AnyThrowable {
    /** Not the JDK's, which is to be removed. */
    private static final class ThreadDeathLike extends Error {
        private static final long serialVersionUID = 1;

        ThreadDeathLike() {
            super("thrown by the test");
        }
    }

    private AnyThrowable() {}

    /** One of each kind, new ones each time. */
    public static Stream<Throwable> kinds() {
        return Stream.of(
                new IllegalStateException("thrown by the test"),
                new RejectedExecutionException("thrown by the test"),
                new Exception("checked, thrown by the test"),
                new InterruptedException("thrown by the test"),
                new AssertionError("thrown by the test"),
                new NoClassDefFoundError("thrown by the test"),
                new StackOverflowError("thrown by the test"),
                new OutOfMemoryError("thrown by the test"),
                new InternalError("thrown by the test"),
                new ThreadDeathLike(),
                new Throwable("thrown by the test"));
    }

    /**
     * Throws it where no such thing is declared, as bytecode may.
     *
     * @return never; so that a caller can write {@code throw AnyThrowable.sneak(…)}
     */
    public static RuntimeException sneak(Throwable thrown) {
        throw AnyThrowable.<RuntimeException>undeclared(thrown);
    }

    @SuppressWarnings({"unchecked", "TypeParameterUnusedInFormals"})
    private static <T extends Throwable> T undeclared(Throwable thrown) throws T {
        throw (T) thrown;
    }
}
