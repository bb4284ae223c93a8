// What matrix-js-sdk takes from Node 22 and Node 20 lacks. Import it before the SDK.

Promise.withResolvers ??= function withResolvers() {
    let resolve, reject;
    const promise = new this((yes, no) => {
        resolve = yes;
        reject = no;
    });
    return { promise, resolve, reject };
};
