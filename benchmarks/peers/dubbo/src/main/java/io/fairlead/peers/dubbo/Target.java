// SPDX-License-Identifier: Apache-2.0
package io.fairlead.peers.dubbo;

import org.apache.dubbo.common.URL;
import org.apache.dubbo.rpc.Invocation;
import org.apache.dubbo.rpc.Invoker;
import org.apache.dubbo.rpc.Result;

/** What Dubbo balances over, without a connection behind it. */
record Target(URL url) implements Invoker<Runnable> {

    @Override
    public Class<Runnable> getInterface() {
        return Runnable.class;
    }

    @Override
    public Result invoke(Invocation invocation) {
        throw new UnsupportedOperationException("only picked, never called");
    }

    @Override
    public URL getUrl() {
        return url;
    }

    @Override
    public boolean isAvailable() {
        return true;
    }

    @Override
    public void destroy() {}
}
