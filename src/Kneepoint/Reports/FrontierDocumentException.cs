namespace Kneepoint.Reports;

/// <summary>A <c>frontier.json</c> that cannot be read: the message says where, what was expected and what was found.</summary>
public sealed class FrontierDocumentException : Exception
{
    /// <summary>Makes the exception with its sentence.</summary>
    public FrontierDocumentException(string message) : base(message)
    {
    }

    /// <summary>Makes the exception with its sentence and what caused it.</summary>
    public FrontierDocumentException(string message, Exception innerException) : base(message, innerException)
    {
    }
}
