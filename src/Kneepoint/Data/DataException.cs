namespace Kneepoint.Data;

/// <summary>Data that cannot be used: the message says where, what was expected and what was found.</summary>
public sealed class DataException : Exception
{
    /// <summary>Makes the exception with its sentence.</summary>
    public DataException(string message) : base(message)
    {
    }

    /// <summary>Makes the exception with its sentence and what caused it.</summary>
    public DataException(string message, Exception innerException) : base(message, innerException)
    {
    }
}
