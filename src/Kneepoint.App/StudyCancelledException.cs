namespace Kneepoint.App;

/// <summary>The user ended an exploration whose study is kept; the message says how to go on.</summary>
sealed class StudyCancelledException(string message, OperationCanceledException inner)
    : OperationCanceledException(message, inner, inner.CancellationToken);
